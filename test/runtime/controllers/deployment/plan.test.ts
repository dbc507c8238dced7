import { describe, expect, it } from 'vitest';
import { rolloutLimits } from '../../../../src/runtime/controllers/deployment/limits.ts';
import { planDeployment } from '../../../../src/runtime/controllers/deployment/plan.ts';
import type { DeploymentPlan } from '../../../../src/runtime/controllers/deployment/plan.ts';
import type { Persisted } from '../../../../src/types/meta.ts';
import type { ReplicaSet } from '../../../../src/types/kinds/apps/replica-set.ts';
import { deployment, replicaSet } from './objects.ts';

const sizes = (plan: DeploymentPlan): Record<string, number | undefined> =>
  Object.fromEntries(
    plan.updates.map(({ from, to }) => [from.spec?.template?.spec?.containers[0]?.image ?? '', to.spec?.replicas]),
  );

const revision = (n: number, desired = 4, max = 5): Record<string, string> => ({
  'deployment.kubernetes.io/revision': String(n),
  'deployment.kubernetes.io/desired-replicas': String(desired),
  'deployment.kubernetes.io/max-replicas': String(max),
});

function plan(sets: readonly Persisted<ReplicaSet>[], spec = {}, status = {}, oldPodsRemain = false): DeploymentPlan {
  return planDeployment({ deployment: deployment(spec, status), sets, oldPodsRemain });
}

describe('limits of a rollout', () => {
  it.each([
    [4, '25%', '25%', 1, 1],
    [10, '25%', '25%', 3, 2],
    [1, '25%', '25%', 1, 0],
    [3, 0, '10%', 0, 1],
    [0, '25%', '25%', 0, 0],
    [2, 1, 5, 1, 2],
  ])('%i replicas, surge %s, unavailable %s', (replicas, maxSurge, maxUnavailable, surge, unavailable) => {
    const spec = {
      replicas,
      strategy: { type: 'RollingUpdate' as const, rollingUpdate: { maxSurge, maxUnavailable } },
    };
    expect(rolloutLimits(deployment(spec))).toEqual({ replicas, maxSurge: surge, maxUnavailable: unavailable });
  });
});

describe('a rolling update', () => {
  it('begins with a ReplicaSet of all replicas, named by the hash, marked as revision 1', () => {
    const { create, updates } = plan([]);
    expect(updates).toEqual([]);
    expect(create?.spec?.replicas).toBe(4);
    expect(create?.metadata.name).toMatch(/^web-[a-z0-9]{4,10}$/);
    expect(create?.metadata.annotations).toEqual(revision(1));
    const hash = create?.metadata.labels?.['pod-template-hash'];
    expect(create?.metadata.name).toBe(`web-${hash}`);
    expect(create?.spec?.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash });
    expect(create?.spec?.template?.metadata?.labels).toEqual({ app: 'web', 'pod-template-hash': hash });
  });

  it('makes room by the surge, and takes as many old pods away as may be unavailable', () => {
    const old = replicaSet(deployment(), {
      image: 'old',
      replicas: 4,
      annotations: revision(1),
      status: { availableReplicas: 4, readyReplicas: 4 },
    });
    const { create, updates } = plan([old]);
    expect(create?.spec?.replicas).toBe(1);
    expect(create?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
    expect(updates.map(({ to }) => to.spec?.replicas)).toEqual([3]);
  });

  it('counts on from revisions beyond what a number can hold', () => {
    const annotations = { ...revision(1), 'deployment.kubernetes.io/revision': '3546343826724305832' };
    const { create } = plan([replicaSet(deployment(), { image: 'old', replicas: 4, annotations })]);
    expect(create?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3546343826724305833');
  });

  it('waits while the new pods are not available', () => {
    const old = replicaSet(deployment(), {
      image: 'old',
      replicas: 3,
      annotations: revision(1),
      status: { availableReplicas: 3 },
    });
    const next = replicaSet(deployment(), {
      image: 'new',
      replicas: 2,
      annotations: revision(2),
      status: { availableReplicas: 0 },
    });
    expect(plan([old, next]).updates).toEqual([]);
  });

  it('goes on as new pods become available', () => {
    const old = replicaSet(deployment(), {
      image: 'old',
      replicas: 3,
      annotations: revision(1),
      status: { availableReplicas: 3 },
    });
    const next = replicaSet(deployment(), {
      image: 'new',
      replicas: 2,
      annotations: revision(2),
      status: { availableReplicas: 2 },
    });
    expect(sizes(plan([old, next]))).toEqual({ old: 1 });
  });

  it('takes pods away first that do no good anyway', () => {
    const broken = replicaSet(deployment(), {
      image: 'old',
      replicas: 2,
      annotations: revision(1),
      status: { availableReplicas: 0 },
    });
    const good = replicaSet(deployment(), {
      image: 'older',
      replicas: 3,
      annotations: revision(2),
      status: { availableReplicas: 3 },
      created: '2026-01-01T00:00:05Z',
    });
    const next = replicaSet(deployment(), { image: 'new', replicas: 0, annotations: revision(3) });
    expect(sizes(plan([broken, good, next]))).toEqual({ old: 0 });
  });

  it('goes back to an earlier template by giving its ReplicaSet a new number and remembering the old one', () => {
    const first = replicaSet(deployment(), {
      image: 'new',
      replicas: 0,
      annotations: revision(1),
      status: { availableReplicas: 0 },
    });
    const second = replicaSet(deployment(), {
      image: 'old',
      replicas: 4,
      annotations: revision(2),
      status: { availableReplicas: 4 },
      created: '2026-01-01T00:00:05Z',
    });
    const { updates, create, revision: marked } = plan([first, second]);
    expect(create).toBeUndefined();
    expect(marked).toBe('3');
    const rolledBack = updates.find(({ from }) => from === first)?.to;
    expect(rolledBack?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    expect(rolledBack?.spec?.replicas).toBe(1);
  });

  it('keeps as many old ReplicaSets as the history allows, once complete', () => {
    const status = { replicas: 4, updatedReplicas: 4, availableReplicas: 4, observedGeneration: 1 };
    const current = replicaSet(deployment(), {
      image: 'new',
      replicas: 4,
      annotations: revision(4),
      status: { availableReplicas: 4 },
    });
    const old = [1, 2, 3].map((n) =>
      replicaSet(deployment(), { image: `old-${n}`, replicas: 0, annotations: revision(n) }),
    );
    expect(plan([current, ...old], { revisionHistoryLimit: 1 }, status).remove).toEqual([old[0], old[1]]);
    expect(plan([current, ...old], { revisionHistoryLimit: 1 }, { ...status, availableReplicas: 3 }).remove).toEqual(
      [],
    );
  });
});

describe('scaling', () => {
  it('in the middle of a rollout shares the change out in proportion', () => {
    const spec = {
      replicas: 20,
      strategy: { type: 'RollingUpdate' as const, rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
    };
    const old = replicaSet(deployment(), {
      image: 'old',
      replicas: 8,
      annotations: revision(1, 10, 13),
      status: { availableReplicas: 8 },
    });
    const next = replicaSet(deployment(), { image: 'new', replicas: 5, annotations: revision(2, 10, 13) });
    // 23 allowed, 13 there: 8 * 23 / 13 = 14.2 and 5 * 23 / 13 = 8.8.
    expect(sizes(plan([old, next], spec))).toEqual({ old: 14, new: 9 });
  });

  it('goes straight to the one active ReplicaSet, also while paused', () => {
    const current = replicaSet(deployment(), {
      image: 'new',
      replicas: 4,
      annotations: revision(1),
      status: { availableReplicas: 4 },
    });
    expect(sizes(plan([current], { replicas: 7 }))).toEqual({ new: 7 });
    expect(sizes(plan([current], { replicas: 0, paused: true }))).toEqual({ new: 0 });
  });

  it('starts nothing while paused', () => {
    const old = replicaSet(deployment(), {
      image: 'old',
      replicas: 4,
      annotations: revision(1),
      status: { availableReplicas: 4 },
    });
    const { create, updates } = plan([old], { paused: true });
    expect([create, updates]).toEqual([undefined, []]);
  });
});

describe('Recreate', () => {
  const spec = { strategy: { type: 'Recreate' as const } };
  it('ends all old pods before it starts a new one', () => {
    const running = replicaSet(deployment(), { image: 'old', replicas: 4, annotations: revision(1, 4, 4) });
    const first = plan([running], spec, {}, true);
    expect([first.create, sizes(first)]).toEqual([undefined, { old: 0 }]);
    const ended = replicaSet(deployment(), { image: 'old', replicas: 0, annotations: revision(1, 4, 4) });
    expect(plan([ended], spec, {}, true).create).toBeUndefined();
    expect(plan([ended], spec, {}, false).create?.spec?.replicas).toBe(4);
  });
});
