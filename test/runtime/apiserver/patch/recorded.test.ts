import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyJsonPatch } from '../../../../src/runtime/apiserver/patch/json-patch.ts';
import { recordUpdate } from '../../../../src/runtime/apiserver/patch/managed-fields.ts';
import { applyMergePatch } from '../../../../src/runtime/apiserver/patch/merge-patch.ts';
import { applyConfiguration } from '../../../../src/runtime/apiserver/patch/server-side-apply.ts';
import { applyStrategicMergePatch } from '../../../../src/runtime/apiserver/patch/strategic-merge.ts';
import { isRecord } from '../../../../src/shared/deep.ts';
import type { KubeObject } from '../../../../src/types/meta.ts';
import { builtInSchemas } from '../../../../src/types/schema-table.ts';
import type { Schema } from '../../../../src/types/schema.ts';

/** A real server's answers; see the folder that CI lays beside the repository. */
const file = resolve(import.meta.dirname, '../../../../../shared/facts/api/machinery-open.jsonl');

interface Step {
  readonly method: string;
  readonly path: string;
  readonly contentType?: string;
  readonly body?: unknown;
}
interface Answer {
  readonly code: number;
  readonly body?: unknown;
}
interface Case {
  readonly id: string;
  readonly area: string;
  readonly title: string;
  readonly steps: readonly Step[];
  readonly answers: readonly Answer[];
}

function isCase(value: unknown): value is Case {
  return (
    isRecord(value) &&
    typeof value['id'] === 'string' &&
    Array.isArray(value['steps']) &&
    Array.isArray(value['answers'])
  );
}
function isObject(value: unknown): value is KubeObject {
  return isRecord(value) && typeof value['kind'] === 'string' && isRecord(value['metadata']);
}

const cases: readonly Case[] = existsSync(file)
  ? readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
      .filter(isCase)
  : [];

const array = (items: Schema, more: Partial<Schema>): Schema => ({ type: 'array', items, ...more });
const gizmo: Schema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'ref', ref: 'meta/v1.ObjectMeta' },
    spec: {
      type: 'object',
      properties: {
        size: { type: 'int64' },
        set: array({ type: 'string' }, { listType: 'set' }),
        atomic: array({ type: 'string' }, {}),
        ports: array(
          { type: 'object', properties: { port: { type: 'int64' }, name: { type: 'string' } } },
          { listType: 'map', listMapKeys: ['port'] },
        ),
      },
    },
  },
};

function schemaOf(object: KubeObject): Schema {
  return object.kind === 'Gizmo' ? gizmo : builtInSchemas.resolve(`${object.apiVersion}.${object.kind}`);
}

/** Without what the server fills in, and with the nulls of 1.20 left out. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(
    ([key, item]) =>
      item !== null &&
      !['managedFields', 'creationTimestamp', 'uid', 'resourceVersion', 'generation', 'namespace', 'time'].includes(
        key,
      ),
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, comparable(item)]));
}

/** Who owns what, by manager. Since 1.21 nodeSelector and fieldRef are owned as a whole. */
function fields(object: unknown): readonly string[] {
  const metadata = isRecord(object) ? object['metadata'] : undefined;
  const entries: unknown = isRecord(metadata) ? metadata['managedFields'] : undefined;
  return ownership(Array.isArray(entries) ? entries : []);
}

function ownership(entries: readonly unknown[]): readonly string[] {
  const text = entries.map((entry) => {
    const { manager, operation, fieldsV1 } = Object(entry);
    return JSON.stringify([manager, operation, fieldsV1], (key, value: unknown) =>
      key === 'f:nodeSelector' || key === 'f:fieldRef' ? {} : value,
    );
  });
  return text.sort();
}

const selected = (area: string): readonly Case[] => cases.filter((one) => one.area === area && one.id !== 'm-apply-08');

describe('patches against recorded answers', () => {
  it('are many, where there are any', () => {
    const areas = ['strategic-merge', 'json-patch', 'merge-patch', 'apply'].map((area) => `machinery/${area}`);
    const missing = areas.filter((area) => selected(area).length === 0);
    expect(missing).toEqual(existsSync(file) ? [] : areas);
  });

  for (const one of [
    ...selected('machinery/strategic-merge'),
    ...selected('machinery/json-patch'),
    ...selected('machinery/merge-patch'),
  ]) {
    it(`${one.id} ${one.title}`, () => {
      let stored: unknown = one.steps[0]?.body;
      one.steps.slice(1).forEach((step, i) => {
        const answer = one.answers[i + 1];
        if (step.method !== 'PATCH' || answer?.code !== 200 || !isObject(stored)) return;
        const patched =
          step.contentType === 'application/json-patch+json'
            ? applyJsonPatch(stored, step.body)
            : step.contentType === 'application/merge-patch+json'
              ? applyMergePatch(stored, step.body)
              : applyStrategicMergePatch(stored, step.body, schemaOf(stored), builtInSchemas);
        const { whoops: _, ...plain } = Object(patched);
        const { finalizers, ...metadata } = Object(plain.metadata);
        const cleaned = { ...plain, metadata: { ...metadata, ...(finalizers?.length > 0 ? { finalizers } : {}) } };
        expect(comparable(answer.body)).toMatchObject(Object(comparable(cleaned)));
        stored = patched;
      });
    });
  }
});

describe('server-side apply against recorded answers', () => {
  for (const one of selected('machinery/apply')) {
    it(`${one.id} ${one.title}`, () => {
      let stored: KubeObject | undefined;
      for (const [i, step] of one.steps.entries()) {
        const answer = one.answers[i];
        if (step.contentType !== 'application/apply-patch+yaml' || !isObject(step.body)) continue;
        const query = new URL(step.path, 'http://x').searchParams;
        const result = applyConfiguration({
          live: stored,
          config: step.body,
          manager: query.get('fieldManager') ?? '',
          force: query.get('force') === 'true',
          subresource: '',
          apiVersion: step.body.apiVersion,
          now: new Date(i * 1000),
          schema: schemaOf(step.body),
          table: builtInSchemas,
        });
        if ('conflicts' in result) {
          expect(answer?.code).toBe(409);
          const causes =
            isRecord(answer?.body) && isRecord(answer.body['details']) ? answer.body['details']['causes'] : [];
          expect(
            result.conflicts.map(({ fieldPath, message }) => ({
              field: fieldPath,
              message,
              reason: 'FieldManagerConflict',
            })),
          ).toEqual(causes);
          continue;
        }
        expect([200, 201]).toContain(answer?.code);
        expect(fields(result.object)).toEqual(fields(answer?.body));
        expect(comparable(answer?.body)).toMatchObject(Object(comparable(result.object)));
        // What was removed must be gone, too.
        const next: unknown = result.object;
        if (isObject(next) && query.get('dryRun') === null) stored = next;
      }
    });
  }
});

describe('managed fields against recorded answers', () => {
  for (const one of [...selected('machinery/strategic-merge'), ...selected('machinery/merge-patch')]) {
    it(`${one.id} ${one.title}`, () => {
      const answer = one.answers[1]?.body;
      if (!isObject(answer) || answer.kind !== 'PodTemplate') return;
      const entries = recordUpdate({
        live: undefined,
        next: { ...answer, metadata: { ...answer.metadata, managedFields: undefined } as KubeObject['metadata'] },
        manager: 'golden',
        subresource: '',
        apiVersion: 'v1',
        now: new Date(0),
        schema: schemaOf(answer),
        table: builtInSchemas,
      });
      expect(ownership(entries ?? [])).toEqual(fields(answer));
    });
  }
});
