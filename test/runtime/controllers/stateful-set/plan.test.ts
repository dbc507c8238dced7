/** What a StatefulSet does next. */
import { describe, expect, it } from 'vitest';
import { planStatefulSet } from '../../../../src/runtime/controllers/stateful-set/plan.ts';
import type { StatefulSetAction } from '../../../../src/runtime/controllers/stateful-set/plan.ts';
import { ordinalOf } from '../../../../src/runtime/controllers/stateful-set/stateful-pod.ts';
import { statefulSetStatus } from '../../../../src/runtime/controllers/stateful-set/status.ts';
import type { StatefulSet } from '../../../../src/types/kinds/apps/stateful-set.ts';
import type { PersistentVolumeClaim } from '../../../../src/types/kinds/core/persistent-volume-claim.ts';
import type { Pod } from '../../../../src/types/kinds/core/pod.ts';
import type { StatefulSetSpec } from '../../../../src/types/kinds/generated/apps-v1.gen.ts';
import type { OwnerReference } from '../../../../src/types/kinds/generated/meta-v1.gen.ts';
import type { Persisted } from '../../../../src/types/meta.ts';

const now = new Date('2026-01-01T00:10:00Z');
const identity = { resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', namespace: 'default' };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:2' }] } };

function set(spec: Partial<StatefulSetSpec> = {}): Persisted<StatefulSet> {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { ...identity, name: 'web', uid: 'set', generation: 3 },
    spec: { replicas: 3, serviceName: 'web', selector: { matchLabels: { app: 'web' } }, template, ...spec },
  };
}

type State = 'ready' | 'unready' | 'pending' | 'failed' | 'ending';

function pod(ordinal: number, revision: 'old' | 'new' = 'new', state: State = 'ready'): Persisted<Pod> {
  const name = `web-${ordinal}`;
  const phase = {
    ready: 'Running',
    unready: 'Running',
    pending: 'Pending',
    failed: 'Failed',
    ending: 'Running',
  } as const;
  const ready = state === 'ready' || state === 'ending' ? 'True' : 'False';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...identity,
      name,
      uid: name,
      labels: {
        app: 'web',
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(ordinal),
        'controller-revision-hash': revision,
      },
      ...(state === 'ending' ? { deletionTimestamp: '2026-01-01T00:09:00Z' } : {}),
    },
    spec: { containers: [{ name: 'web', image: 'web:1' }] },
    status: {
      phase: phase[state],
      conditions: [{ type: 'Ready', status: ready, lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  };
}

function state(
  spec: Partial<StatefulSetSpec>,
  pods: readonly Persisted<Pod>[],
  claims: readonly Persisted<PersistentVolumeClaim>[] = [],
) {
  return {
    set: set(spec),
    pods,
    current: { name: 'old', template },
    update: { name: 'new', template },
    heldBack: new Map<string, number>(),
    claim: (name: string) => claims.find(({ metadata }) => metadata.name === name),
    now,
  };
}

function told(action: StatefulSetAction): string {
  if (action.type === 'createClaim' || action.type === 'updateClaim')
    return `${action.type} ${action.claim.metadata.name}`;
  if (action.type === 'warnOfController') return `${action.type} ${action.claim}`;
  return `${action.type} ${action.pod.metadata.name}`;
}

const actions = (...args: Parameters<typeof state>): readonly string[] =>
  planStatefulSet(state(...args))
    .phases.flat(2)
    .map(told);

const parallel: Partial<StatefulSetSpec> = { podManagementPolicy: 'Parallel' };
const upTo = (maxUnavailable: number | string): Partial<StatefulSetSpec> => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable } },
});

describe('pods', () => {
  it.each<readonly [string, Partial<StatefulSetSpec>, readonly Persisted<Pod>[], readonly string[]]>([
    ['are created one by one', {}, [pod(0)], ['createPod web-1']],
    ['wait for the one before', {}, [pod(0, 'new', 'unready')], []],
    ['wait for one that ends', {}, [pod(0, 'new', 'ending'), pod(1), pod(2)], []],
    ['fill gaps', {}, [pod(0), pod(2)], ['createPod web-1']],
    ['are replaced when they have failed, before anything else', {}, [pod(0, 'new', 'failed')], ['deletePod web-0']],
    ['are created at once in parallel', parallel, [pod(1)], ['createPod web-0', 'createPod web-2']],
    ['go from the highest down', { replicas: 1 }, [pod(0), pod(1), pod(2)], ['deletePod web-2']],
    [
      'go when broken, if none before them is',
      { replicas: 1 },
      [pod(0), pod(1, 'new', 'unready')],
      ['deletePod web-1'],
    ],
    [
      'go from the highest down past a broken one',
      { replicas: 1 },
      [pod(0), pod(1, 'new', 'unready'), pod(2)],
      ['deletePod web-2'],
    ],
    ['stay while all are broken', { replicas: 0 }, [pod(0, 'new', 'unready'), pod(1, 'new', 'unready')], []],
    [
      'go at once in parallel',
      { ...parallel, replicas: 0 },
      [pod(0, 'new', 'unready'), pod(1)],
      ['deletePod web-1', 'deletePod web-0'],
    ],
    ['below the first ordinal go', { replicas: 1, ordinals: { start: 1 } }, [pod(0), pod(1)], ['deletePod web-0']],
  ])('%s', (_, spec, pods, expected) => expect(actions(spec, pods)).toEqual(expected));

  it('of a set that is being deleted are left to the garbage collector', () => {
    const given = state({}, []);
    const leaving = { ...given.set, metadata: { ...given.set.metadata, deletionTimestamp: '2026-01-01T00:09:00Z' } };
    expect(planStatefulSet({ ...given, set: leaving }).phases).toEqual([]);
  });

  it('are not created by the million, however many are asked for', () => {
    const many: Partial<StatefulSetSpec> = { replicas: 2_147_483_647 };
    expect(actions(many, [pod(0), pod(2)])).toEqual(['createPod web-1']);
    const created = actions({ ...many, ...parallel }, [pod(0), pod(700)]);
    expect(created).toHaveLength(500);
    expect([created[0], created.at(-1)]).toEqual(['createPod web-1', 'createPod web-500']);
  });

  it('that failed again and again wait', () => {
    const given = state({}, [pod(0, 'new', 'failed')]);
    expect(planStatefulSet({ ...given, heldBack: new Map([['web-0', 1]]) }).phases.flat(2)).toEqual([]);
  });

  it('get back the labels that were taken from them', () => {
    const stripped = pod(0);
    const bare = {
      ...stripped,
      metadata: { ...stripped.metadata, labels: { app: 'web', 'controller-revision-hash': 'new' } },
    };
    const [action] = planStatefulSet(state({ replicas: 1 }, [bare])).phases.flat(2);
    expect(action?.type === 'updatePod' ? action.pod.metadata.labels : undefined).toMatchObject({
      'statefulset.kubernetes.io/pod-name': 'web-0',
      'apps.kubernetes.io/pod-index': '0',
    });
  });

  it.each([
    ['web-0', 0],
    ['web-12', 12],
    ['web-', undefined],
    ['web-1a', undefined],
    ['web-01', undefined],
    ['web-a-1', undefined],
    ['web-99999999999999999999', undefined],
    ['webs-1', undefined],
  ])('named %s have the ordinal %s', (name, expected) => {
    expect(ordinalOf(set(), { apiVersion: 'v1', kind: 'Pod', metadata: { name } })).toBe(expected);
  });
});

describe('an update', () => {
  const [o, n] = ['old', 'new'] as const;
  it.each<readonly [string, Partial<StatefulSetSpec>, readonly Persisted<Pod>[], readonly string[]]>([
    ['takes the highest first', {}, [pod(0, o), pod(1, o), pod(2, o)], ['deletePod web-2']],
    ['waits for the new one', {}, [pod(0, o), pod(1, o), pod(2, n, 'unready')], []],
    ['goes on then', {}, [pod(0, o), pod(1, o), pod(2, n)], ['deletePod web-1']],
    ['takes several where it may', upTo(2), [pod(0, o), pod(1, o), pod(2, o)], ['deletePod web-2', 'deletePod web-1']],
    ['rounds a percentage up', upTo('34%'), [pod(0, o), pod(1, o), pod(2, o)], ['deletePod web-2', 'deletePod web-1']],
    [
      'counts what is on its way',
      { ...parallel, ...upTo(2) },
      [pod(0, o), pod(1, o), pod(2, n, 'unready')],
      ['deletePod web-1'],
    ],
    ['does not count broken pods of old', parallel, [pod(0, o, 'unready'), pod(1, n), pod(2, n)], ['deletePod web-0']],
    ['deletes what has ended once', parallel, [pod(0, o, 'failed'), pod(1, n), pod(2, n)], ['deletePod web-0']],
    ['in order does not get to it while a pod is broken', {}, [pod(0, o, 'unready'), pod(1, o), pod(2, o)], []],
    ['waits for scaling down', { replicas: 2 }, [pod(0, o), pod(1, o), pod(2, o)], ['deletePod web-2']],
  ])('%s', (_, spec, pods, expected) => expect(actions(spec, pods)).toEqual(expected));
});

describe('claims', () => {
  const spec: Partial<StatefulSetSpec> = { replicas: 1, volumeClaimTemplates: [{ metadata: { name: 'data' } }] };
  const claim = (owners: readonly OwnerReference[] = [], more: object = {}): Persisted<PersistentVolumeClaim> => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...identity, name: 'data-web-0', uid: 'claim', ownerReferences: owners, ...more },
  });
  const owner = (kind: string, name: string, uid: string, controller = true): OwnerReference => ({
    apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
    kind,
    name,
    uid,
    controller,
  });
  const policy = (whenScaled: string, whenDeleted: string): Partial<StatefulSetSpec> => ({
    ...spec,
    persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted },
  });
  const mounted = (phase: State = 'ready'): Persisted<Pod> => {
    const made = pod(0, 'new', phase);
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data-web-0' } }];
    return { ...made, spec: { containers: [], volumes } };
  };

  it('come before the pod', () => {
    expect(actions(spec, [])).toEqual(['createClaim data-web-0', 'createPod web-0']);
    expect(actions(spec, [], [claim()])).toEqual(['createPod web-0']);
  });

  it('are made again for a pod that waits for them', () => {
    expect(actions(spec, [mounted('pending')])).toEqual(['createClaim data-web-0']);
  });

  it('on their way out hold the pod up', () => {
    const leaving = claim([], { deletionTimestamp: '2026-01-01T00:09:00Z' });
    expect(actions(spec, [], [leaving])).toEqual(['failCreation web-0']);
    const withPod = claim([owner('Pod', 'web-0', 'former')]);
    expect(actions(policy('Delete', 'Retain'), [], [withPod])).toEqual([]);
  });

  const bySet = owner('StatefulSet', 'web', 'set');
  const byPod = owner('Pod', 'web-0', 'web-0');
  it.each<readonly [string, Partial<StatefulSetSpec>, readonly OwnerReference[], readonly string[] | undefined]>([
    ['nobody, by default', policy('Retain', 'Retain'), [], undefined],
    ['nobody any more', policy('Retain', 'Retain'), [bySet], []],
    ['the set', policy('Retain', 'Delete'), [], ['set']],
    ['the set as a controller', policy('Retain', 'Delete'), [{ ...bySet, controller: false }], ['set']],
    ['nobody while the pod stays', policy('Delete', 'Retain'), [byPod], []],
    ['the set while the pod stays', policy('Delete', 'Delete'), [byPod], ['set']],
    ['the pod when it is scaled away', { ...policy('Delete', 'Delete'), replicas: 0 }, [bySet], ['web-0']],
    ['the set, whatever is scaled away', { ...policy('Retain', 'Delete'), replicas: 0 }, [bySet], undefined],
    [
      'whom they belonged to, beside others',
      policy('Retain', 'Delete'),
      [owner('ConfigMap', 'x', 'x', false)],
      ['x', 'set'],
    ],
    ['somebody else entirely', policy('Retain', 'Delete'), [owner('ConfigMap', 'x', 'x')], undefined],
    ['somebody else, and the set no longer', policy('Retain', 'Delete'), [owner('ConfigMap', 'x', 'x'), bySet], ['x']],
    ['a set that was deleted', policy('Retain', 'Delete'), [owner('StatefulSet', 'web', 'former')], undefined],
  ])('belong to %s', (_, wanted, owners, expected) => {
    const plan = planStatefulSet(state(wanted, [mounted()], [claim(owners)]));
    const update = plan.phases.flat(2).find(({ type }) => type === 'updateClaim');
    const references = update?.type === 'updateClaim' ? update.claim.metadata.ownerReferences : undefined;
    expect(references?.map(({ uid }) => uid)).toEqual(expected);
  });
});

describe('the status', () => {
  const facts = { collisionCount: 0, leaving: new Set<Persisted<Pod>>(), generation: 3, current: 'old', update: 'new' };

  it('counts', () => {
    const pods = [pod(0, 'old'), pod(1, 'old', 'ending'), pod(2, 'new', 'unready')];
    expect(statefulSetStatus({ ...facts, set: set(), pods }, now)).toEqual({
      availableReplicas: 2,
      collisionCount: 0,
      currentReplicas: 1,
      currentRevision: 'old',
      observedGeneration: 3,
      readyReplicas: 2,
      replicas: 3,
      updateRevision: 'new',
      updatedReplicas: 1,
    });
  });

  it('takes the new revision for the current one when all pods have it and are ready', () => {
    const pods = [pod(0), pod(1), pod(2)];
    expect(statefulSetStatus({ ...facts, set: set(), pods }, now)).toMatchObject({
      currentRevision: 'new',
      currentReplicas: 3,
    });
    const onDelete = set({ updateStrategy: { type: 'OnDelete' } });
    expect(statefulSetStatus({ ...facts, set: onDelete, pods }, now).currentRevision).toBe('old');
  });

  it('does not count as updated or current what goes', () => {
    const pods = [pod(0, 'old'), pod(1, 'old'), pod(2, 'old')];
    const leaving = new Set(pods.slice(2));
    expect(statefulSetStatus({ ...facts, set: set(), pods, leaving }, now).currentReplicas).toBe(2);
  });
});
