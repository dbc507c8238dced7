/** Body -> object of a kind, and what is wrong with it. The rules themselves belong to the kinds. */
import { deepClone, isRecord } from '../../shared/deep.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { FieldIssue } from '../../types/field-issue.ts';
import type { KubeObject } from '../../types/meta.ts';
import type { ObjectSchema } from '../../types/schema.ts';
import { applyDefaults } from '../../types/validation/apply-defaults.ts';
import { findDecodeError, pruneUnknown } from '../../types/validation/structure.ts';
import { validateObject } from '../../types/validation/validate-object.ts';
import type { DuplicateFields } from './duplicate-fields.ts';
import { isObjectDraft } from './fields.ts';
import type { ObjectDraft } from './fields.ts';
import { badRequest, invalid } from './status-error.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface DecodeOptions {
  readonly fieldValidation: FieldValidation;
  /** What the reader of the text found: fields that stand there twice. */
  readonly duplicates: DuplicateFields | undefined;
  /** Receives the complaints of `Warn`. */
  readonly warnings: string[];
}

const envelope =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/**
 * A mutable, defaulted object of the kind out of a parsed body, without the fields that the kind does not have.
 * @throws ApiError BadRequest
 */
export function decodeObject(kind: KindDefinition, sent: unknown, options: DecodeOptions): ObjectDraft {
  // A Go server decodes null into an object without fields.
  const body = sent === null ? {} : sent;
  if (!isRecord(body)) throw badRequest(unrecognized(kind, body));
  const copy: unknown = deepClone<unknown>(body);
  const object = isRecord(copy) ? copy : {};
  checkEnvelope(kind, object);
  object['metadata'] ??= {};
  const fault = findDecodeError(kind.custom === true ? { ...kind, schema: envelopeSchema } : kind, object);
  if (fault !== undefined) throw badRequest(fault);
  if (!isObjectDraft(object)) throw badRequest(unrecognized(kind, undefined));
  const unknown = pruneUnknown(kind, object);
  reportStrict(kind, unknown, options);
  applyDefaults(kind, object);
  return object;
}

/** Of a custom resource only what all objects have is decoded; the rest is for its schema to judge. */
const envelopeSchema: ObjectSchema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'ref', ref: 'meta/v1.ObjectMeta' },
  },
};

function checkEnvelope(kind: KindDefinition, object: Record<string, unknown>): void {
  const apiVersion = emptyAs(object['apiVersion'], kind.apiVersion);
  const name = emptyAs(object['kind'], kind.kind);
  if (typeof apiVersion !== 'string' || typeof name !== 'string') {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): apiVersion and kind must be strings`,
    );
  }
  object['apiVersion'] = apiVersion;
  object['kind'] = name;
  if (name !== kind.kind) {
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    const internal = kind.group === '' ? 'core' : (kind.group.split('.')[0] ?? kind.group);
    throw badRequest(
      `${name} in version "${version}" cannot be handled as a ${kind.kind}: ` +
        `converting (${version}.${name}) to (${internal}.${kind.kind}): unknown conversion`,
    );
  }
  if (apiVersion !== kind.apiVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${kind.apiVersion})`,
    );
  }
}

function emptyAs(value: unknown, fallback: string): unknown {
  return value === undefined || value === null || value === '' ? fallback : value;
}

function unrecognized(kind: KindDefinition, body: unknown): string {
  const start = `the object provided is unrecognized (must be of type ${kind.kind}): couldn't get version/kind; json parse error: `;
  if (body === undefined) return `${start}unexpected end of JSON input (<empty>)`;
  const type = Array.isArray(body) ? 'array' : typeof body;
  return `${start}json: cannot unmarshal ${type} into Go value of type ${envelope}`;
}

/**
 * The complaints of a strict reading. A Go server reads the text of a kind of its own once, and complains in the text's order; what
 * an unknown field holds is skipped. Of a custom resource it first reads the text, then looks for what the schema does not have.
 */
function strictComplaints(
  kind: KindDefinition,
  unknown: readonly string[],
  duplicates: DuplicateFields | undefined,
): readonly string[] {
  const { found = [], places } = duplicates ?? {};
  const unknownText = (path: string): string => `unknown field "${path}"`;
  if (!places || kind.custom === true) return [...found.map(({ complaint }) => complaint), ...unknown.map(unknownText)];
  const skipped = (path: string): boolean =>
    unknown.some((start) => path === start || path.startsWith(`${start}.`) || path.startsWith(`${start}[`));
  const known = found.filter(({ path }) => !skipped(path));
  return [...known, ...unknown.map((path) => ({ complaint: unknownText(path), place: places.get(path) ?? 0 }))]
    .sort((a, b) => a.place - b.place)
    .map(({ complaint }) => complaint);
}

function reportStrict(kind: KindDefinition, unknown: readonly string[], options: DecodeOptions): void {
  if (options.fieldValidation === 'Ignore') return;
  const complaints = strictComplaints(kind, unknown, options.duplicates);
  if (complaints.length === 0) return;
  if (options.fieldValidation === 'Warn') {
    options.warnings.push(...complaints);
    return;
  }
  throw badRequest(
    `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${complaints.join(', ')}`,
  );
}

export function checkCreated(kind: KindDefinition, object: KubeObject): readonly FieldIssue[] {
  return validateObject(kind, object, { operation: 'create' });
}

export function checkUpdated(
  kind: KindDefinition,
  object: KubeObject,
  previous: KubeObject,
  subresource: string,
): readonly FieldIssue[] {
  // The object's own rules would refuse the one change that another subresource is for.
  if (subresource !== '' && subresource !== 'status' && subresource !== 'scale') {
    return validateObject(kind, object, { operation: 'update', subresource, previous });
  }
  // Asked before all else: without a version nobody knows what the document was made from.
  if (kind.unconditionalUpdate === false && subresource !== 'scale' && (object.metadata.resourceVersion ?? '') === '') {
    const path = ['metadata', 'resourceVersion'];
    const message = 'Invalid value: 0: must be specified for an update';
    return [{ path, reason: 'FieldValueInvalid', message, value: 0 }];
  }
  return validateObject(kind, object, { operation: subresource === 'status' ? 'status' : 'update', previous });
}

/** @throws ApiError Invalid */
export function refuseIssues(kind: KindDefinition, object: KubeObject, issues: readonly FieldIssue[]): void {
  if (issues.length > 0) throw invalid(kind, object.metadata.name ?? '', issues);
}
