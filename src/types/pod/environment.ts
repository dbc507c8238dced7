/** Rules of environment variables and their sources. */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { configMapKeyErrors, envVarNameErrors } from '../names.ts';
import {
  checkNameReference,
  checkPresent,
  checkRelativeFile,
  checkSubdomain,
  isBlank,
} from '../validation/field-checks.ts';
import { invalidEach } from '../validation/metadata.ts';
import { checkFieldSelector, checkResourceSelector, environmentFieldPaths } from './downward.ts';

interface KeySelector {
  readonly name?: string | undefined;
  readonly key: string;
}

function checkKeySelector(selector: KeySelector, at: IssueSink): void {
  checkSubdomain(selector.name ?? '', at.at('name'));
  if (checkPresent(selector.key, at.at('key'))) {
    invalidEach(at.at('key'), selector.key, configMapKeyErrors(selector.key));
  }
}

function checkFileKey(selector: core.FileKeySelector, at: IssueSink): void {
  if (checkPresent(selector.key, at.at('key'))) invalidEach(at.at('key'), selector.key, envVarNameErrors(selector.key));
  checkPresent(selector.volumeName, at.at('volumeName'));
  if (checkPresent(selector.path, at.at('path'))) checkRelativeFile(selector.path, at.at('path'));
}

function checkValueFrom(variable: core.EnvVar, from: core.EnvVarSource, at: IssueSink): void {
  let sources = 0;
  if (from.fieldRef) {
    sources += 1;
    checkFieldSelector(from.fieldRef, environmentFieldPaths, at.at('fieldRef'));
  }
  if (from.resourceFieldRef) {
    sources += 1;
    checkResourceSelector(from.resourceFieldRef, at.at('resourceFieldRef'), false);
  }
  if (from.configMapKeyRef) {
    sources += 1;
    checkKeySelector(from.configMapKeyRef, at.at('configMapKeyRef'));
  }
  if (from.secretKeyRef) {
    sources += 1;
    checkKeySelector(from.secretKeyRef, at.at('secretKeyRef'));
  }
  if (from.fileKeyRef) {
    sources += 1;
    checkFileKey(from.fileKeyRef, at.at('fileKeyRef'));
  }
  if (sources === 0) {
    at.invalid(
      '',
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
    );
  } else if (!isBlank(variable.value)) at.invalid('', 'may not be specified when `value` is not empty');
  else if (sources > 1) at.invalid('', 'may not have more than one field specified at a time');
}

export function checkEnvironment(variables: readonly core.EnvVar[] | undefined, at: IssueSink): void {
  variables?.forEach((variable, index) => {
    const place = at.at(index);
    if (checkPresent(variable.name, place.at('name'))) {
      invalidEach(place.at('name'), variable.name, envVarNameErrors(variable.name));
    }
    if (variable.valueFrom) checkValueFrom(variable, variable.valueFrom, place.at('valueFrom'));
  });
}

/** Upstream reports the number of sources without an index. */
export function checkEnvironmentSources(list: readonly core.EnvFromSource[] | undefined, at: IssueSink): void {
  list?.forEach((source, index) => {
    const place = at.at(index);
    if (!isBlank(source.prefix)) invalidEach(place.at('prefix'), source.prefix, envVarNameErrors(source.prefix));
    if (source.configMapRef) checkNameReference(source.configMapRef.name, place.at('configMapRef', 'name'));
    if (source.secretRef) checkNameReference(source.secretRef.name, place.at('secretRef', 'name'));
    if (!source.configMapRef && !source.secretRef) {
      at.invalid('', 'must specify one of: `configMapRef` or `secretRef`');
    } else if (source.configMapRef && source.secretRef) {
      at.invalid('', 'may not have more than one field specified at a time');
    }
  });
}
