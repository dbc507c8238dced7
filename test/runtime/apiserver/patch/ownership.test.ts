import { describe, expect, it } from 'vitest';
import { recordUpdate, type UpdateRecord } from '../../../../src/runtime/apiserver/patch/managed-fields.ts';
import {
  applyConfiguration,
  type Applied,
  type ApplyConflict,
  type ApplyRequest,
} from '../../../../src/runtime/apiserver/patch/server-side-apply.ts';
import { isRecord } from '../../../../src/shared/deep.ts';
import type { KubeObject } from '../../../../src/types/meta.ts';
import { builtInSchemas } from '../../../../src/types/schema-table.ts';

const schema = builtInSchemas.resolve('apps/v1.Deployment');
const base = { apiVersion: 'apps/v1', subresource: '', schema, table: builtInSchemas, now: new Date(0) };

function deployment(spec: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...metadata }, spec };
  return object;
}
function apply(
  live: KubeObject | undefined,
  config: unknown,
  more: Partial<ApplyRequest> = {},
): Applied | ApplyConflict {
  return applyConfiguration({ ...base, live, config, manager: 'm1', force: false, ...more });
}
function applied(result: Applied | ApplyConflict): KubeObject & { spec: Record<string, unknown> } {
  if ('conflicts' in result) throw new Error(result.message);
  const { apiVersion, kind, metadata, spec } = result.object;
  if (!isRecord(metadata) || !isRecord(spec)) throw new Error('no object');
  return { apiVersion: String(apiVersion), kind: String(kind), metadata, spec };
}
function update(live: KubeObject | undefined, next: KubeObject, more: Partial<UpdateRecord> = {}): KubeObject {
  const managedFields = recordUpdate({ ...base, live, next, manager: 'u', ...more });
  const { managedFields: _, ...metadata } = next.metadata;
  return { ...next, metadata: { ...metadata, ...(managedFields ? { managedFields } : {}) } };
}
const owners = (object: KubeObject): unknown =>
  Object.fromEntries((object.metadata.managedFields ?? []).map(({ manager, fieldsV1 }) => [manager, fieldsV1]));

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'a', image: 'i', ports: [{ containerPort: 80 }] }] },
};

describe('server-side apply', () => {
  it('conflicts with updates by their version, and takes over by force', () => {
    const live = update(undefined, deployment({ replicas: 1 }), { manager: 'kubectl-create' });
    const conflict = apply(live, deployment({ replicas: 2 }));
    expect(conflict).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.replicas',
      conflicts: [{ manager: 'kubectl-create', fieldPath: '.spec.replicas' }],
    });
    const forced = applied(apply(live, deployment({ replicas: 2 }), { force: true }));
    expect(owners(forced)).toEqual({ m1: { 'f:spec': { 'f:replicas': {} } } });
  });
  it('lists several conflicts by manager', () => {
    let live = update(undefined, deployment({ replicas: 1 }), { manager: 'x' });
    live = update(live, deployment({ replicas: 1, paused: true }, { ...live.metadata }), {
      manager: 'y',
      subresource: 'scale',
    });
    expect(apply(live, deployment({ replicas: 2, paused: false }))).toMatchObject({
      message:
        'Apply failed with 2 conflicts: conflicts with "x" using apps/v1:\n- .spec.replicas\nconflicts with "y" with subresource "scale" using apps/v1:\n- .spec.paused',
    });
  });
  it('keeps defaults of items it still applies and removes items it dropped', () => {
    const first = applied(apply(undefined, deployment({ template })));
    const defaulted = deployment(
      {
        replicas: 1,
        template: {
          ...template,
          spec: {
            dnsPolicy: 'ClusterFirst',
            containers: [
              { name: 'a', image: 'i', imagePullPolicy: 'Always', ports: [{ containerPort: 80, protocol: 'TCP' }] },
            ],
          },
        },
      },
      { ...first.metadata },
    );
    const second = applied(
      apply(defaulted, deployment({ template: { ...template, spec: { containers: [{ name: 'a', image: 'j' }] } } })),
    );
    expect(second.spec).toEqual({
      replicas: 1,
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { dnsPolicy: 'ClusterFirst', containers: [{ name: 'a', image: 'j', imagePullPolicy: 'Always' }] },
      },
    });
    const third = applied(
      apply(second, deployment({ template: { spec: { containers: [{ name: 'b', image: 'k' }] } } })),
    );
    expect(third.spec).toMatchObject({ template: { spec: { containers: [{ name: 'b', image: 'k' }] } } });
    expect(third.spec).not.toHaveProperty('template.metadata.labels');
  });
  it('changes nothing when applied again', () => {
    const first = applied(apply(undefined, deployment({ template })));
    const again = apply(first, deployment({ template }), { now: new Date(60_000) });
    expect(again).toMatchObject({ changed: false });
    expect(applied(again)).toEqual(first);
  });
  it('lets kubectl take over what it applied on the client side', () => {
    const config = deployment({ replicas: 1 });
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(config) };
    const live = update(undefined, deployment({ replicas: 1 }, { annotations }), {
      manager: 'kubectl-client-side-apply',
    });
    expect('conflicts' in apply(live, deployment({ replicas: 3 }), { manager: 'kubectl' })).toBe(false);
    expect('conflicts' in apply(live, deployment({ replicas: 3 }), { manager: 'other' })).toBe(true);
  });
  it('refuses malformed configurations', () => {
    expect(() => apply(undefined, deployment({ whoops: 1 }))).toThrow('.spec.whoops: field not declared in schema');
    expect(() => apply(undefined, deployment({ replicas: 'x' }))).toThrow(
      '.spec.replicas: expected numeric (int or float)',
    );
    const containers = [{ name: 'a' }, { name: 'a' }];
    expect(() => apply(undefined, deployment({ template: { spec: { containers } } }))).toThrow(
      '.spec.template.spec.containers: duplicate entries for key [name="a"]',
    );
    expect(() => apply(undefined, { ...deployment({}), apiVersion: 'apps/v2' })).toThrow(
      'Specified patch version: apps/v2, expected: apps/v1',
    );
    expect(() => apply(undefined, deployment({}, { managedFields: [] }))).toThrow('metadata.managedFields must be nil');
  });
});

describe('recording updates', () => {
  it('moves what changed and leaves entries alone that own nothing new', () => {
    const first = update(undefined, deployment({ replicas: 1, paused: true }), { manager: 'a' });
    const second = update(first, deployment({ replicas: 2, paused: true }, { ...first.metadata }), {
      manager: 'b',
      now: new Date(5000),
    });
    expect(owners(second)).toEqual({ a: { 'f:spec': { 'f:paused': {} } }, b: { 'f:spec': { 'f:replicas': {} } } });
    const third = update(second, deployment({ replicas: 2, paused: true }, { ...second.metadata }), {
      manager: 'c',
      now: new Date(9000),
    });
    expect(third.metadata.managedFields).toEqual(second.metadata.managedFields);
  });
  it('keeps ten updating managers at most', () => {
    let live = update(undefined, deployment({ replicas: 0 }), { manager: 'm0' });
    for (let i = 1; i < 15; i++) {
      const labels = Object.fromEntries(Array.from({ length: i }, (_, n) => [`l${n}`, 'x']));
      live = update(live, deployment({ replicas: 0 }, { ...live.metadata, labels }), {
        manager: `m${i}`,
        now: new Date(i * 1000),
      });
    }
    const names = (live.metadata.managedFields ?? []).map(({ manager }) => manager);
    expect(names).toHaveLength(10);
    expect(names).toContain('ancient-changes');
  });
  it('is switched off by an empty list and stays off', () => {
    const first = update(undefined, deployment({ replicas: 1 }));
    const reset = update(first, deployment({ replicas: 1 }, { managedFields: [] }));
    expect(reset.metadata.managedFields).toBeUndefined();
    expect(update(reset, deployment({ replicas: 3 })).metadata.managedFields).toBeUndefined();
  });
  it('leaves status to its endpoint', () => {
    const next = { ...deployment({ replicas: 1 }), status: { replicas: 1 } };
    expect(owners(update(undefined, next, { resetFields: ['status'] }))).toEqual({
      u: { 'f:spec': { 'f:replicas': {} } },
    });
  });
});
