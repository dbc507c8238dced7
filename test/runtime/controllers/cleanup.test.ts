/** Garbage collection and namespaces, through the real API server. */
import { describe, expect, it } from 'vitest';
import { builtInControllers } from '../../../src/runtime/controllers/index.ts';
import { ConfigMap } from '../../../src/types/kinds/core/config-map.ts';
import { Event } from '../../../src/types/kinds/core/event.ts';
import { Namespace } from '../../../src/types/kinds/core/namespace.ts';
import { ServiceAccount } from '../../../src/types/kinds/core/service-account.ts';
import type { OwnerReference } from '../../../src/types/kinds/generated/meta-v1.gen.ts';
import type { Persisted } from '../../../src/types/meta.ts';
import { startControlPlane } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';

const start = (): Promise<ControlPlane> => startControlPlane(builtInControllers({ rootCa: 'CA' }));

function configMap(
  name: string,
  owners: readonly OwnerReference[] = [],
  finalizers: readonly string[] = [],
): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', ownerReferences: owners, finalizers },
  };
}
const ownedBy = (owner: Persisted<ConfigMap>, blockOwnerDeletion = false): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  blockOwnerDeletion,
});
const named = (all: readonly Persisted[], name: string): Persisted | undefined =>
  all.find(({ metadata }) => metadata.name === name);

describe('the garbage collector', () => {
  it('deletes dependents in the background, through generations', async () => {
    const plane = await start();
    const maps = plane.client.of(ConfigMap);
    const owner = await maps.create(configMap('owner'));
    const child = await maps.create(configMap('child', [ownedBy(owner)]));
    await maps.create(configMap('grandchild', [ownedBy(child)]));
    await maps.delete({ namespace: 'default', name: 'owner' }, { propagationPolicy: 'Background' });
    await plane.until(ConfigMap, (all) => !named(all, 'child') && !named(all, 'grandchild'));
    expect(plane.failures).toEqual([]);
  });

  it('deletes in the foreground: the owner goes last', async () => {
    const plane = await start();
    const maps = plane.client.of(ConfigMap);
    const owner = await maps.create(configMap('owner'));
    await maps.create(configMap('child', [ownedBy(owner, true)], ['example.com/hold']));
    await maps.delete({ namespace: 'default', name: 'owner' }, { propagationPolicy: 'Foreground' });
    await plane.until(ConfigMap, (all) => named(all, 'child')?.metadata.deletionTimestamp !== undefined);
    expect((await maps.get({ namespace: 'default', name: 'owner' }))?.metadata.finalizers).toEqual([
      'foregroundDeletion',
    ]);
    await maps.patch(
      { namespace: 'default', name: 'child' },
      { type: 'merge', patch: { metadata: { finalizers: null } } },
    );
    await plane.until(ConfigMap, (all) => !named(all, 'child') && !named(all, 'owner'));
    expect(plane.failures).toEqual([]);
  });

  it('deletes a circle of owners in the foreground, wherever it begins', async () => {
    const plane = await start();
    const maps = plane.client.of(ConfigMap);
    const names = ['one', 'two', 'three'] as const;
    for (const first of names) {
      const made = await Promise.all(names.map((name) => maps.create(configMap(name))));
      for (const [i, map] of made.entries()) {
        const owner = made[(i + 1) % made.length] ?? map;
        await maps.update({ ...map, metadata: { ...map.metadata, ownerReferences: [ownedBy(owner, true)] } });
      }
      await maps.delete({ namespace: 'default', name: first }, { propagationPolicy: 'Foreground' });
      await plane.until(ConfigMap, (all) => names.every((name) => !named(all, name)));
    }
    expect(plane.failures).toEqual([]);
  });

  it('orphans: dependents stay and lose the reference', async () => {
    const plane = await start();
    const maps = plane.client.of(ConfigMap);
    const owner = await maps.create(configMap('owner'));
    await maps.create(configMap('child', [ownedBy(owner)]));
    await plane.until(ConfigMap, (all) => named(all, 'child') !== undefined);
    await maps.delete({ namespace: 'default', name: 'owner' }, { propagationPolicy: 'Orphan' });
    const all = await plane.until(ConfigMap, (maps) => !named(maps, 'owner'));
    expect(named(all, 'child')?.metadata.ownerReferences ?? []).toEqual([]);
    expect(plane.failures).toEqual([]);
  });

  it('deletes what names an owner that never was, and drops one absent owner of two', async () => {
    const plane = await start();
    const maps = plane.client.of(ConfigMap);
    const owner = await maps.create(configMap('owner'));
    const absent = { apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: 'no-such-uid' };
    await maps.create(configMap('both', [ownedBy(owner), absent]));
    await maps.create(configMap('lost', [absent]));
    const all = await plane.until(
      ConfigMap,
      (maps) => !named(maps, 'lost') && named(maps, 'both')?.metadata.ownerReferences?.length === 1,
    );
    expect(named(all, 'both')?.metadata.ownerReferences?.[0]?.uid).toBe(owner.metadata.uid);
  });

  it('tells of an owner in another namespace', async () => {
    const plane = await start();
    await plane.client.of(Namespace).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
    const owner = await plane.client
      .of(ConfigMap)
      .create({ ...configMap('far'), metadata: { name: 'far', namespace: 'other' } });
    await plane.until(ConfigMap, (all) => named(all, 'far') !== undefined);
    await plane.client.of(ConfigMap).create(configMap('near', [ownedBy(owner)]));
    const events = await plane.until(Event, (all) => all.some(({ reason }) => reason === 'OwnerRefInvalidNamespace'));
    expect(events.find(({ reason }) => reason === 'OwnerRefInvalidNamespace')?.message).toContain(
      'does not exist in namespace "default"',
    );
    await plane.until(ConfigMap, (all) => !named(all, 'near'));
  });
});

describe('a namespace', () => {
  it('gets its service account and the root certificate, and both come back', async () => {
    const plane = await start();
    await plane.client.of(Namespace).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
    const isTeam = ({ metadata }: Persisted): boolean => metadata.namespace === 'team';
    const [account] = (await plane.until(ServiceAccount, (all) => all.some(isTeam))).filter(isTeam);
    const [map] = (await plane.until(ConfigMap, (all) => all.some(isTeam))).filter(isTeam);
    expect([account?.metadata.name, map?.metadata.name, map?.data]).toEqual([
      'default',
      'kube-root-ca.crt',
      { 'ca.crt': 'CA' },
    ]);
    await plane.client.of(ServiceAccount).delete({ namespace: 'team', name: 'default' });
    await plane.until(ServiceAccount, (all) => all.some((a) => isTeam(a) && a.metadata.uid !== account?.metadata.uid));
  });

  it('takes all that is in it with it, and says what holds it up', async () => {
    const plane = await start();
    const namespaces = plane.client.of(Namespace);
    const maps = plane.client.of(ConfigMap);
    await namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
    await plane.until(ConfigMap, (all) => all.some(({ metadata }) => metadata.namespace === 'team'));
    await maps.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', namespace: 'team', finalizers: ['example.com/hold'] },
    });
    await namespaces.delete({ namespace: '', name: 'team' });
    const [held] = (
      await plane.until(Namespace, (all) =>
        all.some(
          (n) =>
            n.metadata.name === 'team' &&
            n.status?.conditions?.some((c) => c.type === 'NamespaceFinalizersRemaining' && c.status === 'True'),
        ),
      )
    ).filter(({ metadata }) => metadata.name === 'team');
    expect(held?.status?.phase).toBe('Terminating');
    const message = (type: string): string | undefined =>
      held?.status?.conditions?.find((c) => c.type === type)?.message;
    expect(message('NamespaceContentRemaining')).toBe(
      'Some resources are remaining: configmaps. has 1 resource instances',
    );
    expect(message('NamespaceFinalizersRemaining')).toBe(
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    );
    await maps.patch({ namespace: 'team', name: 'held' }, { type: 'merge', patch: { metadata: { finalizers: null } } });
    await plane.until(Namespace, (all) => !named(all, 'team'));
    expect(plane.failures).toEqual([]);
  });
});
