/** Rules of metadata that every kind shares (apimachinery ValidateObjectMeta and ValidateObjectMetaUpdate). */
import { deepEqual } from '../../shared/deep.ts';
import type { KindDefinition } from '../define-kind.ts';
import type { IssueSink } from '../field-issue.ts';
import type { KubeObject, ObjectMeta } from '../meta.ts';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  maskTrailingDash,
  qualifiedNameErrors,
} from '../names.ts';

const TOTAL_ANNOTATION_BYTES = 256 * 1024;
const standardFinalizers: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

type Labels = { readonly [key: string]: string };

export function invalidEach(issues: IssueSink, value: unknown, errors: readonly string[]): void {
  for (const error of errors) issues.invalid(value, error);
}

export function checkLabels(labels: Labels | undefined, issues: IssueSink): void {
  for (const key in labels) {
    invalidEach(issues, key, qualifiedNameErrors(key));
    const value = labels[key] ?? '';
    invalidEach(issues, value, labelValueErrors(value));
  }
}

export function checkAnnotations(annotations: Labels | undefined, issues: IssueSink): void {
  let size = 0;
  for (const key in annotations) {
    // Upper case was always allowed in annotations' prefixes, so keys are checked in lower case.
    invalidEach(issues, key, qualifiedNameErrors(key.toLowerCase()));
    size += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '');
  }
  if (size > TOTAL_ANNOTATION_BYTES) issues.tooLong('', TOTAL_ANNOTATION_BYTES);
}

function hasVersion(apiVersion: string): boolean {
  const parts = apiVersion.split('/');
  return parts.length <= 2 && (parts.at(-1) ?? '') !== '';
}

function checkOwners(metadata: ObjectMeta, issues: IssueSink): void {
  const owners = metadata.ownerReferences ?? [];
  const at = issues.at('ownerReferences');
  let controller: string | undefined;
  for (const owner of owners) {
    if (!hasVersion(owner.apiVersion)) at.at('apiVersion').invalid(owner.apiVersion, 'version must not be empty');
    if (owner.kind === '') at.at('kind').invalid(owner.kind, 'kind must not be empty');
    if (owner.name === '') at.at('name').invalid(owner.name, 'name must not be empty');
    if (owner.uid === '') at.at('uid').invalid(owner.uid, 'uid must not be empty');
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      at.invalid(owner, `/v1, Kind=Event is disallowed from being an owner`);
    }
    if (owner.controller !== true) continue;
    if (controller !== undefined) {
      at.invalid(
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`,
      );
    }
    controller = owner.name;
  }
}

/** A finalizer is a standard name or has a prefix. */
export function checkFinalizerName(name: string, issues: IssueSink): void {
  if (!name.includes('/') && !standardFinalizers.has(name)) {
    issues.invalid(name, 'name is neither a standard finalizer name nor is it fully qualified');
  }
}

function checkFinalizers(finalizers: readonly string[] | undefined, issues: IssueSink): void {
  if (!finalizers || finalizers.length === 0) return;
  for (const name of finalizers) invalidEach(issues, name, qualifiedNameErrors(name));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    issues.invalid(finalizers, 'finalizer orphan and foregroundDeletion cannot be both set');
  }
  finalizers.forEach((name, index) => checkFinalizerName(name, issues.at(index)));
}

export function checkMetadata(kind: KindDefinition, object: KubeObject, issues: IssueSink): void {
  const metadata = object.metadata;
  const nameErrors = (name: string): readonly string[] => kind.validateName?.(name) ?? dns1123SubdomainErrors(name);
  const { name, generateName, namespace } = metadata;
  if (generateName !== undefined && generateName !== '') {
    invalidEach(issues.at('generateName'), generateName, nameErrors(maskTrailingDash(generateName)));
  }
  if (name !== undefined && name !== '') invalidEach(issues.at('name'), name, nameErrors(name));
  else if (generateName === undefined || generateName === '') {
    issues.at('name').required('name or generateName is required');
  }
  if (namespace !== undefined && namespace !== '') {
    const at = issues.at('namespace');
    if (kind.scope === 'Cluster') at.forbidden('not allowed on this type');
    else invalidEach(at, namespace, dns1123LabelErrors(namespace));
  }
  if ((metadata.generation ?? 0) < 0) {
    issues.at('generation').invalid(metadata.generation, 'must be greater than or equal to 0');
  }
  checkLabels(metadata.labels, issues.at('labels'));
  checkAnnotations(metadata.annotations, issues.at('annotations'));
  checkOwners(metadata, issues);
  checkFinalizers(metadata.finalizers, issues.at('finalizers'));
}

const immutableFields = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

export function checkMetadataUpdate(next: KubeObject, previous: KubeObject, issues: IssueSink): void {
  const [now, before] = [next.metadata, previous.metadata];
  if (before.deletionTimestamp !== undefined) {
    const added = (now.finalizers ?? []).filter((name) => !(before.finalizers ?? []).includes(name));
    if (added.length > 0) {
      const names = added.map((name) => JSON.stringify(name)).join(', ');
      issues
        .at('finalizers')
        .forbidden(
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${names}}`,
        );
    }
  }
  if (now.generation !== undefined && now.generation < (before.generation ?? 0)) {
    issues.at('generation').invalid(now.generation, 'must not be decremented');
  }
  for (const field of immutableFields) {
    if (!deepEqual(now[field], before[field])) issues.at(field).invalid(now[field] ?? null, 'field is immutable');
  }
}
