/** Identity, structure and API rules over a set of objects, through the same validation as the API server's. */
import { deepClone, isRecord } from '../shared/deep.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import { pathText } from '../types/field-issue.ts';
import type { FieldPath } from '../types/field-issue.ts';
import type { KubeObject } from '../types/meta.ts';
import { defineKind, kindBases } from '../types/registry.ts';
import type { Registry } from '../types/registry.ts';
import { deprecatedApi, removedApi } from '../types/removed-apis.ts';
import { resolveSchema } from '../types/schema.ts';
import type { Schema } from '../types/schema.ts';
import { builtInSchemas } from '../types/schema-table.ts';
import { applyDefaults } from '../types/validation/apply-defaults.ts';
import { isAbout, mended } from '../types/validation/mend.ts';
import { findTypeFaults, findUnknownFields } from '../types/validation/structure.ts';
import { validateObject } from '../types/validation/validate-object.ts';
import type { FindingLayer, Severity } from './finding.ts';
import { nearest } from './nearest.ts';

export type { FindingLayer, Severity } from './finding.ts';

export interface Finding {
  readonly severity: Severity;
  readonly layer: FindingLayer;
  readonly code: string;
  readonly message: string;
  readonly path: string;
  readonly fieldPath: FieldPath;
  /** What is wrong with the field, where that may be only a part of it: a label of `metadata.labels`. */
  readonly value?: unknown;
}

/** What has apiVersion and kind; whether the rest has the right types is for the check to find out. */
export interface Candidate {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: unknown;
  readonly [field: string]: unknown;
}

export interface CheckedObject {
  readonly object: KubeObject;
  /** Undefined for what is no built-in kind: its fields were not looked at. */
  readonly kind: KindDefinition | undefined;
  readonly findings: readonly Finding[];
  /**
   * What further rules can rely on: the object itself, or where values have the wrong type, the object as it was probably
   * meant. Undefined where nobody can tell.
   */
  readonly typed: KubeObject | undefined;
}

export function isCandidate(value: unknown): value is Candidate {
  return isRecord(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string';
}

function finding(
  layer: Finding['layer'],
  code: string,
  fieldPath: FieldPath,
  message: string,
  severity: Severity = 'error',
): Finding {
  return { severity, layer, code, message, path: pathText(fieldPath), fieldPath };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** A kind of a group that Kubernetes owns must exist; of other groups it may be a custom resource. */
function identityFindings({ apiVersion, kind }: Candidate, registry: Registry): readonly Finding[] {
  if (kindBases().has(`${apiVersion}.${kind}`)) {
    const text = `${apiVersion} ${kind} is not served by default by Kubernetes 1.36; its fields were checked, its rules were not`;
    return [finding('identity', 'not-served', ['apiVersion'], text, 'warning')];
  }
  const removed = removedApi(apiVersion, kind);
  if (removed) {
    const { removedIn, replacement } = removed;
    const instead = replacement === undefined ? 'nothing took its place' : `use ${replacement}`;
    const text = `${apiVersion} ${kind} was removed in Kubernetes ${removedIn}; ${instead}`;
    return [finding('identity', 'removed-api', ['apiVersion'], text)];
  }
  const group = groupOf(apiVersion);
  const all = [...registry.all()];
  const ownGroup = all.some((definition) => definition.group === group);
  const versions = all.filter((definition) => definition.kind === kind).map((definition) => definition.apiVersion);
  const similarGroup = nearest(
    group,
    all.map((definition) => definition.group).filter((name) => name !== ''),
    // Groups are long, and others than Kubernetes have some of the same words in theirs.
    2,
  );
  if (versions.length > 0 && (ownGroup || !group.includes('.') || similarGroup !== undefined)) {
    const text = `there is no ${kind} in ${apiVersion}; Kubernetes 1.36 has it in ${versions.join(', ')}`;
    return [finding('identity', 'unknown-version', ['apiVersion'], text)];
  }
  // Names of custom resources' groups have a dot.
  if (!ownGroup && group.includes('.')) {
    const text = `${apiVersion} ${kind} is no built-in kind and was not checked`;
    return [finding('identity', 'unchecked', ['kind'], text, 'info')];
  }
  const asked = posted[`${apiVersion}.${kind}`];
  if (asked !== undefined) {
    const text = `there is no object of the kind ${kind}: it is sent to ${asked}, and cannot be applied`;
    return [finding('identity', 'unknown-kind', ['kind'], text)];
  }
  const similar = nearest(
    kind,
    all.map((definition) => definition.kind),
  );
  const hint = similar === undefined ? '' : `; did you mean ${similar}?`;
  return [finding('identity', 'unknown-kind', ['kind'], `there is no kind ${kind} in ${apiVersion}${hint}`)];
}

/** What is sent to a subresource of another object, and is no object itself. */
const posted: Readonly<Record<string, string>> = {
  'policy/v1.Eviction': 'the subresource "eviction" of a Pod (as kubectl drain does)',
  'authentication.k8s.io/v1.TokenRequest': 'the subresource "token" of a ServiceAccount (as kubectl create token does)',
  'autoscaling/v1.Scale': 'the subresource "scale" of a workload (as kubectl scale does)',
};

function unknownFieldFinding(kind: KindDefinition, path: FieldPath): Finding {
  const name = path.at(-1);
  const siblings = fieldsAt(kind, path.slice(0, -1));
  if (typeof name !== 'string') return finding('structure', 'unknown-field', path, 'unknown field');
  const similar = nearest(name, siblings);
  // A slip of the finger is likelier than a slip of the indentation, unless the name is right elsewhere.
  const home = similar?.toLowerCase() === name.toLowerCase() ? undefined : homeOf(kind, path, name);
  const meant = similar === undefined ? '' : `; did you mean ${similar}?`;
  const hint = home === undefined ? meant : `; it belongs ${home}`;
  return finding('structure', 'unknown-field', path, `unknown field${hint}`);
}

/** Where a field of that name would be right: further out, or one level further in. */
function homeOf(kind: KindDefinition, path: FieldPath, name: string): string | undefined {
  for (let length = path.length - 2; length >= 0; length--) {
    const outer = path.slice(0, length);
    if (typeof outer.at(-1) === 'number' || !fieldsAt(kind, outer).includes(name)) continue;
    return length === 0 ? 'to the object itself, beside metadata' : `under ${pathText(outer)}`;
  }
  const parent = path.slice(0, -1);
  const inner = fieldsAt(kind, parent).find((child) => {
    if (child === 'status') return false;
    return fieldsAt(kind, [...parent, child]).includes(name);
  });
  return inner === undefined ? undefined : `under ${pathText([...parent, inner])}`;
}

/** Undefined means left out where the schema has an optional field; elsewhere it is a key whose value got lost. */
export function lostValues(kind: KindDefinition | undefined, left: readonly FieldPath[]): readonly Finding[] {
  if (!kind) return [];
  const lost = left.filter((path) => !fieldsAt(kind, path.slice(0, -1)).some((name) => name === path.at(-1)));
  return lost.map((path) =>
    finding('structure', 'undefined', path, 'is undefined; give it a value, or leave the key out'),
  );
}

/** The names of the fields that the type at a path has. */
function fieldsAt(kind: KindDefinition, path: FieldPath): readonly string[] {
  let schema: Schema = kind.schema;
  for (const segment of path) {
    const next = typeof segment === 'string' && schema.type === 'object' ? schema.properties?.[segment] : schema.items;
    if (!next) return [];
    schema = resolveSchema(next, builtInSchemas);
  }
  return Object.keys(schema.properties ?? {});
}

function checkOne(object: KubeObject, kind: KindDefinition): Pick<CheckedObject, 'findings' | 'typed'> {
  const faults = findTypeFaults(kind, object);
  const found = faults.map((fault) => finding('structure', 'type', fault.path, fault.message));
  const unknown = findUnknownFields(kind, object).map((path) => unknownFieldFinding(kind, path));
  // Rules may rely on the types of the schema, as on the server, where decoding comes first.
  const typed = faults.length === 0 ? object : soundly(kind, mended(object, faults));
  if (!typed) return { findings: [...found, ...unknown], typed };
  const further = ruleFindings(typed, kind).filter(({ fieldPath }) => !isAbout(fieldPath, faults));
  return { findings: [...found, ...unknown, ...further], typed };
}

function soundly(kind: KindDefinition, object: KubeObject | undefined): KubeObject | undefined {
  return object && findTypeFaults(kind, object).length === 0 ? object : undefined;
}

function ruleFindings(object: KubeObject, kind: KindDefinition): readonly Finding[] {
  const draft = deepClone(object);
  // Offline, a namespaced object without a namespace goes to whichever is current.
  if (kind.scope === 'Namespaced') draft.metadata.namespace ??= 'default';
  // As the server does without a word.
  else delete draft.metadata.namespace;
  applyDefaults(kind, draft);
  const issues = validateObject(kind, draft, { operation: 'create' });
  const warnings = kind.warnings?.(draft, undefined) ?? [];
  return [
    // That rules were not asked for the sake of other faults is none of its own.
    ...issues
      .filter(({ path }) => path[0] !== '<nil>')
      .map((issue) => ({ ...finding('api', issue.reason, placeOf(issue.path), issue.message), value: issue.value })),
    ...warnings.map((text) => warningFinding(text)),
    ...deprecationFindings(object),
  ];
}

/** The paths that a definition of custom resources gives begin with a point: `.spec.replicas`. */
function placeOf(path: FieldPath): FieldPath {
  const [first, ...rest] = path;
  return typeof first === 'string' && first.startsWith('.') ? [...first.slice(1).split('.'), ...rest] : path;
}

/**
 * The namespace of what is in none, which a server merely takes away: in a program it can only be a mistake, except where the
 * object is taken whole, as others wrote it.
 */
export function lostNamespace(
  { metadata }: KubeObject,
  kind: KindDefinition | undefined,
  whole: boolean,
): readonly Finding[] {
  if (kind?.scope !== 'Cluster' || (metadata.namespace ?? '') === '') return [];
  const path = ['metadata', 'namespace'];
  return whole
    ? [finding('api', 'warning', path, `a ${kind.kind} is in no namespace; servers leave this out`, 'warning')]
    : [finding('api', 'FieldValueForbidden', path, 'Forbidden: not allowed on this type')];
}

/** Upstream's warnings begin with the path that they are about, mostly. */
function warningFinding(text: string): Finding {
  const [, shown, rest] = /^((?:[A-Za-z]\w*|\[[^\]]*\])(?:\.[A-Za-z]\w*|\[[^\]]*\])*): (.*)$/s.exec(text) ?? [];
  if (shown === undefined || rest === undefined) return finding('api', 'warning', [], text, 'warning');
  const path = [...shown.matchAll(/\[(\d+)\]|\[([^\]]*)\]|([A-Za-z]\w*)/g)].map(([, index, key, name]) =>
    index !== undefined ? Number(index) : key !== undefined ? { key } : (name ?? ''),
  );
  return finding('api', 'warning', path, rest, 'warning');
}

function deprecationFindings({ apiVersion, kind }: KubeObject): readonly Finding[] {
  const text = deprecatedApi(apiVersion, kind);
  return text === undefined
    ? []
    : [finding('identity', 'deprecated-api', ['apiVersion'], `${apiVersion} ${kind} is ${text}`, 'warning')];
}

function hasMetadata(candidate: Candidate): candidate is Candidate & KubeObject {
  return isRecord(candidate.metadata);
}

/** An object without metadata is one whose name is missing. */
function asKubeObject(candidate: Candidate): KubeObject {
  if (hasMetadata(candidate)) return candidate;
  const { apiVersion, kind, metadata: _, ...rest } = candidate;
  return { apiVersion, kind, metadata: {}, ...rest };
}

/** Identity, structure and API rules of one object, whatever else there is. */
export function checkCandidate(candidate: Candidate, registry: Registry): CheckedObject {
  const kind = registry.kind(candidate.apiVersion, candidate.kind);
  const object = asKubeObject(candidate);
  const { metadata } = candidate;
  if (metadata !== undefined && metadata !== null && !isRecord(metadata)) {
    const findings = [finding('structure', 'type', ['metadata'], 'metadata must be an object')];
    return { object, kind, findings, typed: undefined };
  }
  if (kind) return { object, kind, ...checkOne(object, kind) };
  // Of a kind that servers only have when told so, the schema is known all the same.
  const known = kindBases().has(`${candidate.apiVersion}.${candidate.kind}`)
    ? checkOne(object, defineKind(candidate.apiVersion, candidate.kind)).findings
    : [];
  return { object, kind, findings: [...identityFindings(candidate, registry), ...known], typed: object };
}

/** Checks objects one after the other and remembers whom it has seen: the same identity twice is an error at the second. */
export class Checker {
  readonly #registry: Registry;
  readonly #seen = new Map<string, () => string>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Makes the kinds known whose definitions are among the objects, which may stand in any order. */
  async learn(candidates: readonly Candidate[]): Promise<void> {
    const definitions = candidates.filter(
      ({ apiVersion, kind }) => kind === 'CustomResourceDefinition' && apiVersion === 'apiextensions.k8s.io/v1',
    );
    if (definitions.length === 0) return;
    const { customResourceKinds } = await import('../types/custom-resource-schema.ts');
    for (const definition of definitions) for (const kind of customResourceKinds(definition)) this.#registry.add(kind);
  }

  /** `origin` says where the object stands, for the message about a second one with its name. */
  check(candidate: Candidate, origin: () => string): CheckedObject {
    const checked = checkCandidate(candidate, this.#registry);
    const duplicate = this.#duplicate(checked.object, checked.kind, origin);
    return duplicate ? { ...checked, findings: [...checked.findings, duplicate] } : checked;
  }

  #duplicate(object: KubeObject, kind: KindDefinition | undefined, origin: () => string): Finding | undefined {
    const { name, namespace } = object.metadata;
    if (typeof name !== 'string' || kind?.virtual === true) return undefined;
    const identity = `${kind?.group ?? object.apiVersion} ${object.kind} ${namespace ?? ''}/${name}`;
    const first = this.#seen.get(identity);
    if (!first) {
      this.#seen.set(identity, origin);
      return undefined;
    }
    const where = first();
    const text = `another object has the same kind, namespace and name${where === '' ? '' : ` (${where})`}`;
    return finding('identity', 'duplicate-object', ['metadata', 'name'], text);
  }
}
