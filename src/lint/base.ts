/**
 * An earlier version of the files, which is taken to be what the cluster has: what its API server would refuse to change. The
 * rules are those of an update; there are no others.
 */
import { deepClone, deepEqual, isRecord } from '../shared/deep.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import type { FieldIssue, FieldPath } from '../types/field-issue.ts';
import { pathText } from '../types/field-issue.ts';
import type { Draft, KubeObject } from '../types/meta.ts';
import { applyDefaults } from '../types/validation/apply-defaults.ts';
import { validateObject } from '../types/validation/validate-object.ts';
import { shiftRange } from './diagnostics.ts';
import type { Range } from './diagnostics.ts';
import type { Entry, EntryFound } from './entry.ts';
import { groupOf, valueAt } from './selectors.ts';
import type { Workspace } from './workspace.ts';

interface Earlier {
  readonly entry: Entry;
  readonly file: string;
  place(path: FieldPath): Range;
}

function identityOf({ subject: { object, namespace } }: Entry, kind: KindDefinition | undefined): string | undefined {
  const { name } = object.metadata;
  if (typeof name !== 'string') return undefined;
  const place = kind?.scope === 'Cluster' ? '' : (namespace ?? 'default');
  return JSON.stringify([groupOf(object.apiVersion), object.kind, place, name]);
}

/** As the server would have stored it. What only a server writes is left out: exported manifests have it, others do not. */
function stored(kind: KindDefinition, object: KubeObject): Draft<KubeObject> {
  const draft: Draft<KubeObject> = deepClone(object);
  const { name, namespace, labels, annotations, finalizers, ownerReferences } = draft.metadata;
  const own = { name, labels, annotations, finalizers, ownerReferences };
  const place = kind.scope === 'Namespaced' ? { namespace: namespace ?? 'default' } : {};
  const entries = Object.entries({ ...own, ...place }).filter(([, value]) => value !== undefined);
  draft.metadata = Object.fromEntries(entries);
  applyDefaults(kind, draft);
  return draft;
}

/**
 * What `apply` leaves as it is: what the server has filled in and neither version of the manifest says (the three-way merge of
 * kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config).
 */
function applied(next: unknown, previous: unknown, live: unknown): unknown {
  if (Array.isArray(next) && Array.isArray(previous) && Array.isArray(live)) {
    const same = next.length === previous.length && next.length === live.length;
    return same ? next.map((item, index) => applied(item, previous[index], live[index])) : next;
  }
  if (!isRecord(next) || !isRecord(previous) || !isRecord(live)) return next;
  const merged: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(next)) merged[key] = applied(value, previous[key], live[key]);
  for (const [key, value] of Object.entries(live)) if (!(key in next) && !(key in previous)) merged[key] = value;
  return merged;
}

/** What has become of an object in a cluster in the meantime, as far as rules of updates ask. */
function settle(kind: KindDefinition, draft: Record<string, unknown>): void {
  if (kind.typeName === 'v1.PersistentVolumeClaim') {
    const spec = draft['spec'];
    if (isRecord(spec)) spec['volumeName'] ??= 'bound';
    draft['status'] = { phase: 'Bound', capacity: valueAt(draft, ['spec', 'resources', 'requests']) };
  } else if (kind.typeName === 'apiextensions.k8s.io/v1.CustomResourceDefinition') {
    const conditions = [{ type: 'Established', status: 'True', reason: 'InitialNamesAccepted' }];
    draft['status'] = { conditions, storedVersions: [] };
  }
}

function isObject(value: unknown): value is KubeObject {
  return isRecord(value) && isRecord(value['metadata']);
}

function issuesOf(kind: KindDefinition, object: KubeObject, previous: KubeObject): readonly FieldIssue[] {
  const before = stored(kind, previous);
  settle(kind, before);
  const merged = applied(object, previous, before);
  const next = stored(kind, isObject(merged) ? merged : object);
  const told = new Set(
    validateObject(kind, next, { operation: 'create' }).map(({ path, message }) => pathText(path) + message),
  );
  kind.prepareForUpdate?.(next, before);
  const issues = validateObject(kind, next, { operation: 'update', previous: before });
  return issues.filter(({ path, message }) => !told.has(pathText(path) + message));
}

function keysThatDiffer(a: unknown, b: unknown): readonly (string | number)[] {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length ? [...a.keys()].filter((index) => !deepEqual(a[index], b[index])) : [];
  }
  if (!isRecord(a) || !isRecord(b)) return [];
  return Object.keys({ ...a, ...b }).filter((key) => !deepEqual(a[key], b[key]));
}

/** Fields that upstream complains of and that manifests write in another way. */
const written: Readonly<Record<string, string | undefined>> = {
  clusterIPs: 'clusterIP',
  data: 'stringData',
  persistentvolumesource: undefined,
};

/** The path as one of the two manifests has it, or what is above it. */
function writtenPath(path: FieldPath, next: unknown, previous: unknown): FieldPath {
  const there = (at: FieldPath): boolean => valueAt(next, at) !== undefined || valueAt(previous, at) !== undefined;
  if (there(path)) return path;
  const index = path.findLastIndex((segment) => typeof segment === 'string' && Object.hasOwn(written, segment));
  if (index < 0) return path;
  const other = written[String(path[index])];
  return [...path.slice(0, index), ...(other === undefined ? [] : [other])];
}

/** Whether upstream's text names the field as one that may be changed. */
function mayChange(key: string | number, message: string): boolean {
  const [sentence = ''] = message.split('\n');
  return sentence.startsWith('Forbidden: ') && new RegExp(`[\\s'\`]${String(key)}[\\s.',]`).test(sentence);
}

/** Where the two versions differ below a path; upstream names the whole although one field was changed. */
function differences(path: FieldPath, message: string, next: unknown, previous: unknown): readonly FieldPath[] {
  const keys = keysThatDiffer(valueAt(next, path), valueAt(previous, path));
  const refused = path.length < 2 ? keys.filter((key) => !mayChange(key, message)) : keys;
  const [only] = refused;
  if (only === undefined || (refused.length > 1 && path.length >= 2)) return [path];
  if (refused.length > 1) return refused.map((key) => [...path, key]);
  return differences([...path, only], message, next, previous);
}

export class Base {
  readonly #objects = new Map<string, Earlier>();

  /** `name` is how the version is called in messages; the files have their places in the workspace as their paths. */
  constructor(
    readonly name: string,
    files: Workspace,
  ) {
    for (const { path, pieces } of files.files()) {
      files.lintedParts(path).forEach(({ entries }, index) => {
        const { line, offset } = pieces[index] ?? { line: 0, offset: 0 };
        for (const entry of entries) {
          const identity = entry.sound ? identityOf(entry, entry.subject.kind) : undefined;
          if (identity === undefined) continue;
          const place = (at: FieldPath): Range => shiftRange(entry.place(at), line, offset);
          this.#objects.set(identity, { entry, file: path, place });
        }
      });
    }
  }

  /** What the server would refuse of the changes that were made to an object. */
  refused(entry: Entry): readonly EntryFound[] {
    const { object, kind } = entry.subject;
    const identity = kind && entry.sound ? identityOf(entry, kind) : undefined;
    const earlier = identity === undefined ? undefined : this.#objects.get(identity);
    if (!kind || !earlier || kind.virtual) return [];
    const previous = earlier.entry.subject.object;
    if (previous.apiVersion !== object.apiVersion || deepEqual(previous, object)) return [];
    return issuesOf(kind, object, previous).flatMap((issue) => this.#found(issue, entry, earlier));
  }

  #found({ path, message }: FieldIssue, entry: Entry, { entry: before, file, place }: Earlier): readonly EntryFound[] {
    const [next, previous] = [entry.subject.object, before.subject.object];
    return differences(writtenPath(path, next, previous), message, next, previous).map((at) => {
      const range = place(at);
      const where = `${this.name} has it in ${file}:${range.start.line}`;
      return {
        layer: 'api',
        rule: 'immutable-field',
        severity: 'error',
        message: `${message} (${where})`,
        fieldPath: at,
        range: entry.place(at),
        related: [{ file: `${this.name}:${file}`, range, message: 'as it is now' }],
      };
    });
  }
}
