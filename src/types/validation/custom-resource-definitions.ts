/** Rules of CustomResourceDefinitions besides their schemas (apiextensions validation). */
import { deepEqual } from '../../shared/deep.ts';
import type { IssueSink } from '../field-issue.ts';
import { collectIssues } from '../field-issue.ts';
import type * as apiextensions from '../kinds/generated/apiextensions-v1.gen.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../names.ts';
import { checkOneOf, checkPresent, isBlank } from './field-checks.ts';
import { checkOpenApiSchema } from './openapi-schema.ts';
import { checkComplete, checkSchemaDefaults, checkStructural, hasStructuralForm } from './structural-schema.ts';
import { checkReviewVersions, checkWebhookService, checkWebhookUrl } from './webhooks.ts';

type Definition = apiextensions.CustomResourceDefinition;
type Version = apiextensions.CustomResourceDefinitionVersion;

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
/** What may stand beside `properties` when status is taken out of the schema on its own. */
const rootKeywords = [
  '$ref',
  'default',
  'description',
  'example',
  'externalDocs',
  'format',
  'id',
  'items',
  'nullable',
  'properties',
  'required',
  'title',
  'type',
];
const approvalAnnotation = 'api-approved.kubernetes.io';
const approvalPage = 'https://github.com/kubernetes/enhancements/pull/1111';

function checkLabel(value: string | undefined, at: IssueSink, written = value): void {
  if (isBlank(value)) return;
  const errors = dns1035LabelErrors(value);
  if (errors.length === 0) return;
  const text = errors.join(',');
  at.invalid(written, written === value ? text : `may have mixed case, but should otherwise match: ${text}`);
}

function checkNames(names: apiextensions.CustomResourceDefinitionNames, at: IssueSink): void {
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const) checkPresent(names[name], at.at(name));
  checkLabel(names.plural, at.at('plural'));
  checkLabel(names.singular, at.at('singular'));
  for (const name of ['kind', 'listKind'] as const) checkLabel(names[name]?.toLowerCase(), at.at(name), names[name]);
  if (!isBlank(names.kind) && names.kind === names.listKind) {
    at.at('listKind').invalid(names.listKind, 'kind and listKind may not be the same');
  }
  for (const list of ['shortNames', 'categories'] as const) {
    names[list]?.forEach((name, index) => checkLabel(name, at.at(list, index)));
  }
}

function checkJsonPath(path: string | undefined, at: IssueSink, under: readonly string[] = [], detail = ''): void {
  if (!checkPresent(path, at)) return;
  if (!path.startsWith('.')) at.invalid(path, 'must be a simple json path starting with .');
  else if (under.length > 0 && !under.some((prefix) => path.startsWith(prefix))) at.invalid(path, detail);
}

function checkSubresources(subresources: apiextensions.CustomResourceSubresources | undefined, at: IssueSink): void {
  const scale = subresources?.scale;
  if (!scale) return;
  const spec = at.at('scale', 'specReplicasPath');
  checkJsonPath(scale.specReplicasPath, spec, ['.spec.'], 'should be a json path under .spec');
  const status = at.at('scale', 'statusReplicasPath');
  checkJsonPath(scale.statusReplicasPath, status, ['.status.'], 'should be a json path under .status');
  if (isBlank(scale.labelSelectorPath)) return;
  const detail = 'should be a json path under either .spec or .status';
  checkJsonPath(scale.labelSelectorPath, at.at('scale', 'labelSelectorPath'), ['.spec.', '.status.'], detail);
}

function checkColumns(
  columns: readonly apiextensions.CustomResourceColumnDefinition[] | undefined,
  at: IssueSink,
): void {
  columns?.forEach((column, index) => {
    const place = at.at(index);
    checkPresent(column.name, place.at('name'));
    const known = `must be one of ${columnTypes.join(',')}`;
    if (isBlank(column.type)) place.at('type').required(known);
    else if (!columnTypes.includes(column.type)) place.at('type').invalid(column.type, known);
    if (!isBlank(column.format) && !columnFormats.includes(column.format)) {
      place.at('format').invalid(column.format, `must be one of ${columnFormats.join(',')}`);
    }
    checkJsonPath(column.jsonPath, place.at('JSONPath'));
  });
}

function checkSchema(schema: apiextensions.JSONSchemaProps | undefined, hasStatus: boolean, at: IssueSink): void {
  if (!schema) return;
  if (hasStatus) checkRootOfStatus(schema, at);
  if (schema.nullable === true) at.at('nullable').forbidden('nullable cannot be true at the root');
  checkOpenApiSchema(schema, at, { isRoot: true });
  if (!hasStructuralForm(schema)) return;
  const checkForm = (issues: IssueSink): void => {
    checkStructural(schema, issues);
    checkComplete(schema, issues);
  };
  // Defaults are only tried on a schema that could be built.
  if (collectIssues(checkForm).length > 0) checkForm(at);
  else checkSchemaDefaults(schema, at);
}

function checkRootOfStatus(schema: apiextensions.JSONSchemaProps, at: IssueSink): void {
  const enabled = 'at the root of the schema if the status subresource is enabled';
  if (!isBlank(schema.type) && schema.type !== 'object') {
    at.at('type').invalid(schema.type, `only "object" is allowed as the type ${enabled}`);
    return;
  }
  const other = Object.keys(schema).find(
    (keyword) => !keyword.startsWith('x-kubernetes-') && !rootKeywords.includes(keyword),
  );
  if (other !== undefined) at.invalid(schema, `only [${rootKeywords.join(' ')}] fields are allowed ${enabled}`);
}

function checkDeprecation({ deprecated, deprecationWarning: warning }: Version, at: IssueSink): void {
  if (warning === undefined) return;
  if (deprecated !== true) at.invalid(warning, 'can only be set for deprecated versions');
  if (Buffer.byteLength(warning) > 256) at.tooLong(warning, 256);
  if (warning === '') at.invalid(warning, 'must not be an empty string');
  const bad = [...warning].findIndex((character) => /[\p{C}\p{Zl}\p{Zp}]/u.test(character));
  if (bad < 0) return;
  at.invalid(warning, `must only contain printable UTF-8 characters; non-printable character found at index ${bad}`);
}

function checkSelectableFields(version: Version, at: IssueSink): void {
  const fields = version.selectableFields ?? [];
  if (fields.length === 0) return;
  const schema = version.schema?.openAPIV3Schema;
  if (!schema) {
    at.invalid('', 'selectableFields may only be set when version.schema.openAPIV3Schema is not included');
    return;
  }
  if (fields.length > 8) at.tooMany(fields.length, 8);
  fields.forEach(({ jsonPath }, index) => {
    const place = at.at(index, 'jsonPath');
    if (!checkPresent(jsonPath, place)) return;
    if (fields.findIndex((other) => other.jsonPath === jsonPath) < index) place.duplicate(jsonPath);
    if (jsonPath.startsWith('.metadata')) place.invalid(jsonPath, 'must not point to fields in metadata');
    let target: apiextensions.JSONSchemaProps | undefined = schema;
    for (const name of jsonPath.split('.').slice(1)) target = target?.properties?.[name];
    if (!jsonPath.startsWith('.') || !target) {
      place.invalid(jsonPath, 'is an invalid path: does not refer to a valid field');
    } else if (!['string', 'boolean', 'integer'].includes(target.type ?? '')) {
      place.invalid(
        jsonPath,
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      );
    }
  });
}

/** Parts that all versions share were one field once, and the server still reports them there. */
function isShared(versions: readonly Version[], part: (version: Version) => unknown): boolean {
  return versions.length > 0 && versions.every((version) => deepEqual(part(version), versions[0] && part(versions[0])));
}

function checkVersionParts(versions: readonly Version[], at: IssueSink): void {
  const list = at.at('versions');
  if (versions.some(({ schema }) => !schema?.openAPIV3Schema)) {
    versions.forEach(({ schema }, index) => {
      if (!schema?.openAPIV3Schema) list.at(index, 'schema', 'openAPIV3Schema').required('schemas are required');
    });
  }
  const parts: readonly (readonly [
    (version: Version) => unknown,
    string,
    string,
    (version: Version, place: IssueSink) => void,
  ])[] = [
    [
      ({ schema }) => schema,
      'validation',
      'schema',
      ({ schema, subresources }, place) =>
        checkSchema(schema?.openAPIV3Schema, subresources?.status !== undefined, place.at('openAPIV3Schema')),
    ],
    [
      ({ subresources }) => subresources,
      'subresources',
      'subresources',
      ({ subresources }, place) => checkSubresources(subresources, place),
    ],
    [
      ({ additionalPrinterColumns }) => additionalPrinterColumns,
      'additionalPrinterColumns',
      'additionalPrinterColumns',
      ({ additionalPrinterColumns }, place) => checkColumns(additionalPrinterColumns, place),
    ],
    [({ selectableFields }) => selectableFields, 'selectableFields', 'selectableFields', checkSelectableFields],
  ];
  for (const [part, shared, own, check] of parts) {
    const [first] = versions;
    if (first && isShared(versions, part)) check(first, at.at(shared));
    else versions.forEach((version, index) => check(version, list.at(index, own)));
  }
}

function checkVersions(versions: readonly Version[], at: IssueSink): void {
  const list = at.at('versions');
  versions.forEach((version, index) => {
    const errors = dns1035LabelErrors(version.name ?? '');
    if (errors.length > 0) list.at(index, 'name').invalid(version.name ?? '', errors.join(','));
    checkDeprecation(version, list.at(index, 'deprecationWarning'));
  });
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    list.invalid(versions, 'must contain unique version names');
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    list.invalid(versions, 'must have exactly one version marked as storage version');
  }
}

function checkConversion(conversion: apiextensions.CustomResourceConversion | undefined, at: IssueSink): void {
  if (!conversion) return;
  checkOneOf(conversion.strategy, ['None', 'Webhook'], at.at('strategy'));
  const config = conversion.webhook?.clientConfig;
  const reviews = conversion.webhook?.conversionReviewVersions ?? [];
  const [configAt, reviewsAt] = [at.at('webhookClientConfig'), at.at('conversionReviewVersions')];
  if (conversion.strategy !== 'Webhook') {
    const detail = 'should not be set when strategy is not set to Webhook';
    if (config) configAt.forbidden(detail);
    if (reviews.length > 0) reviewsAt.forbidden(detail);
    return;
  }
  if (!config) configAt.required('required when strategy is set to Webhook');
  else if ((config.url === undefined) === (config.service === undefined)) {
    configAt.required('exactly one of url or service is required');
  } else if (config.url !== undefined) checkWebhookUrl(config.url, configAt.at('url'));
  else if (config.service) checkWebhookService(config.service, configAt.at('service'));
  checkReviewVersions(reviews, reviewsAt, '');
}

/** Groups of the Kubernetes community take new kinds only with an approval. */
function checkApproval({ metadata, spec }: Definition, issues: IssueSink): void {
  const group = spec?.group ?? '';
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return;
  const value = metadata.annotations?.[approvalAnnotation];
  const at = issues.at('metadata', 'annotations', { key: approvalAnnotation });
  const must = `protected groups must have approval annotation "${approvalAnnotation}"`;
  if (isBlank(value)) at.required(`${must}, see ${approvalPage}`);
  else if (!value.startsWith('unapproved') && !/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(value)) {
    at.invalid(value, `${must} with either a URL or a reason starting with "unapproved", see ${approvalPage}`);
  }
}

export function checkDefinitionName({ metadata, spec }: Definition, issues: IssueSink): void {
  if ((metadata.name ?? '') === `${spec?.names?.plural ?? ''}.${spec?.group ?? ''}`) return;
  issues.at('metadata', 'name').invalid(metadata.name ?? '', 'must be spec.names.plural+"."+spec.group');
}

export function checkDefinition(definition: Definition, issues: IssueSink): void {
  const { spec, status } = definition;
  const at = issues.at('spec');
  const versions = spec?.versions ?? [];
  const group = spec?.group ?? '';
  if (checkPresent(group, at.at('group'))) {
    const errors = dns1123SubdomainErrors(group);
    if (errors.length > 0) at.at('group').invalid(group, errors.join(','));
    else if (!group.includes('.')) at.at('group').invalid(group, 'should be a domain with at least one dot');
  }
  checkOneOf(spec?.scope, ['Cluster', 'Namespaced'], at.at('scope'));
  checkVersions(versions, at);
  checkNames(spec?.names ?? { plural: '', kind: '' }, at.at('names'));
  checkVersionParts(versions, at);
  checkConversion(spec?.conversion, at.at('conversion'));
  // Before the server has written it, the storage version is what will be remembered.
  const remembered = status?.storedVersions ?? [];
  const stored = remembered.length > 0 ? remembered : versions.filter(({ storage }) => storage).map(({ name }) => name);
  const storedAt = issues.at('status', 'storedVersions');
  if (stored.length === 0) storedAt.invalid(stored, 'must have at least one stored version');
  stored.forEach((name, index) => {
    if (versions.some((version) => version.name === name)) return;
    const text = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    storedAt.at(index).invalid(name, text);
  });
  checkApproval(definition, issues);
  if (spec?.preserveUnknownFields === true) {
    const text =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    at.at('preserveUnknownFields').invalid(true, text);
  }
}

/** Once a definition is established, what objects are stored under stays. */
export function checkDefinitionUpdate(next: Definition, previous: Definition, issues: IssueSink): void {
  const at = issues.at('spec');
  const immutable = 'field is immutable';
  const established = previous.status?.conditions?.some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
  if (established === true) {
    if (next.spec?.scope !== previous.spec?.scope) at.at('scope').invalid(next.spec?.scope, immutable);
    if (next.spec?.names?.kind !== previous.spec?.names?.kind) {
      at.at('names', 'kind').invalid(next.spec?.names?.kind, immutable);
    }
  }
  if (next.spec?.group !== previous.spec?.group) at.at('group').invalid(next.spec?.group, immutable);
  if (next.spec?.names?.plural !== previous.spec?.names?.plural) {
    at.at('names', 'plural').invalid(next.spec?.names?.plural, immutable);
  }
}
