/** Reads the recorded answers of a real API server, where the shared folder is present. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { deepClone, isRecord } from '../../../src/shared/deep.ts';
import { customResourceKinds } from '../../../src/types/custom-resource-schema.ts';
import type { KindDefinition } from '../../../src/types/define-kind.ts';
import { pathText, type FieldIssue } from '../../../src/types/field-issue.ts';
import { builtInKinds } from '../../../src/types/kinds/index.ts';
import type { Draft, KubeObject } from '../../../src/types/meta.ts';
import { Registry } from '../../../src/types/registry.ts';
import { applyDefaults } from '../../../src/types/validation/apply-defaults.ts';
import { findDecodeError, pruneUnknown } from '../../../src/types/validation/structure.ts';
import { validateObject } from '../../../src/types/validation/validate-object.ts';

export interface Cause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

export interface Rejection {
  readonly id: string;
  readonly area: string;
  readonly kind: string;
  readonly verb: string;
  readonly title: string;
  readonly path: string;
  readonly body?: Draft<KubeObject>;
  readonly setup?: readonly { readonly method: string; readonly path: string; readonly body?: Draft<KubeObject> }[];
  readonly since?: string;
  readonly goDump?: boolean;
  readonly answer: { readonly code: number; readonly message: string; readonly causes?: readonly Cause[] };
}

export interface DefaultCase {
  readonly id: string;
  readonly kind: string;
  readonly body: Draft<KubeObject>;
  readonly returned: Draft<KubeObject>;
}

const folder = resolve(import.meta.dirname, '../../../../shared/facts/api');

export const recordedCasesPresent: boolean = existsSync(resolve(folder, 'rejections-open.jsonl'));

export function readCases<T>(file: string): readonly T[] {
  const lines = readFileSync(resolve(folder, file), 'utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line): T =>
      line.includes('${repeat:') ? JSON.parse(JSON.stringify(expanded(JSON.parse(line)))) : JSON.parse(line),
    );
}

/** `${repeat:x:300}` keeps long values short in the file. */
function expanded(value: unknown): unknown {
  if (typeof value === 'string') {
    const found = /^\$\{repeat:(.):(\d+)\}(.*)$/s.exec(value);
    return found ? (found[1] ?? '').repeat(Number(found[2])) + (found[3] ?? '') : value;
  }
  if (Array.isArray(value)) return value.map(expanded);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, expanded(child)]));
}

interface Fixture {
  readonly steps: readonly { readonly body?: Draft<KubeObject> }[];
}

/** What the recorded server's two definitions of custom resources add to the built-in kinds. */
function fixtureKinds(): readonly KindDefinition[] {
  if (!recordedCasesPresent) return [];
  const fixtures: readonly Fixture[] = JSON.parse(readFileSync(resolve(folder, 'fixtures.json'), 'utf8'));
  return fixtures.flatMap(({ steps }) => steps.flatMap(({ body }) => customResourceKinds(body)));
}

const customKinds = fixtureKinds();

export const registry = new Registry([...builtInKinds, ...customKinds]);

/** What a server does with a body before it validates: defaults, names, the strategy's preparation. */
export function prepared(kind: KindDefinition, body: Draft<KubeObject>, previous?: KubeObject): Draft<KubeObject> {
  const draft = deepClone(body);
  draft.metadata ??= {};
  if (kind.virtual) {
    applyDefaults(kind, draft);
    if (kind.scope === 'Namespaced') draft.metadata.namespace ??= 'golden';
    return draft;
  }
  pruneUnknown(kind, draft);
  applyDefaults(kind, draft);
  if (kind.scope === 'Namespaced') draft.metadata.namespace ??= 'golden';
  if (previous) {
    draft.metadata.uid ??= previous.metadata.uid;
    draft.metadata.generation ??= previous.metadata.generation;
    draft.metadata.creationTimestamp ??= previous.metadata.creationTimestamp;
    kind.prepareForUpdate?.(draft, previous);
  } else {
    draft.metadata.uid = '11111111-2222-3333-4444-555555555555';
    draft.metadata.creationTimestamp = '2020-01-01T00:00:00Z';
    if ((draft.metadata.name ?? '') === '' && draft.metadata.generateName)
      draft.metadata.name = `${draft.metadata.generateName}x7k2p`;
    if (kind.subresources.includes('status') && kind.keepsStatusOnCreate !== true)
      Reflect.deleteProperty(draft, 'status');
    kind.prepareForCreate?.(draft);
    applyDefaults(kind, draft);
  }
  return draft;
}

/** The issues for a recorded request, or undefined where the case is not about validation alone. */
export function issuesOf(test: Rejection): readonly FieldIssue[] | undefined {
  const { body } = test;
  if (!body || test.answer.code !== 422 || !test.answer.causes) return undefined;
  const kind = registry.kind(body.apiVersion, body.kind);
  // Values of the wrong type are the schema's to refuse where it is a custom resource's.
  if (!kind || (!customKinds.includes(kind) && findDecodeError(kind, body) !== undefined)) return undefined;
  if (test.verb === 'create') {
    if (/\/(eviction|binding|token|scale)\b/.test(test.path)) return undefined;
    return validateObject(kind, prepared(kind, body), { operation: 'create', registry });
  }
  const created = test.setup?.find((step) => step.method === 'POST')?.body;
  if (test.verb !== 'update' || !created) return undefined;
  // Bodies that take values from earlier answers need a server.
  if (JSON.stringify(body).includes('${')) return undefined;
  const previous = prepared(kind, created);
  for (const step of test.setup ?? []) {
    if (/\/status\b/.test(step.path) && step.body && 'status' in step.body) {
      Object.assign(previous, { status: deepClone(step.body.status) });
    }
  }
  const status = /\/status\b/.test(test.path);
  if (!status) {
    const next = prepared(kind, body, previous);
    return validateObject(kind, next, { operation: 'update', previous, registry });
  }
  const next: Draft<KubeObject> = {
    ...deepClone(previous),
    ...('status' in body ? { status: deepClone(body.status) } : {}),
  };
  kind.prepareForStatusUpdate?.(next, previous);
  return validateObject(kind, next, { operation: 'status', previous, registry });
}

const keyOf = (cause: Cause): string => `${cause.reason} ${cause.field}`;

export function causesOf(issues: readonly FieldIssue[]): readonly Cause[] {
  return issues.map((issue) => ({
    field: pathText(issue.path) || '<nil>',
    reason: issue.reason,
    message: issue.message,
  }));
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  [...new Set(a)].sort().join('\n') === [...new Set(b)].sort().join('\n');

export function agrees(
  want: readonly Cause[],
  got: readonly Cause[],
): { readonly fields: boolean; readonly texts: boolean } {
  const fields = same(want.map(keyOf), got.map(keyOf));
  const text = (cause: Cause): string => `${keyOf(cause)} ${cause.message}`;
  return { fields, texts: fields && same(want.map(text), got.map(text)) };
}
