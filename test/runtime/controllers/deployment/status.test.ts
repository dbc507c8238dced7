import { describe, expect, it } from 'vitest';
import { deploymentStatus, pauseNote, untilDeadline } from '../../../../src/runtime/controllers/deployment/status.ts';
import { findCondition } from '../../../../src/types/conditions.ts';
import { deployment, replicaSet } from './objects.ts';

const now = new Date('2026-01-01T00:10:00Z');
const started = '2026-01-01T00:09:00Z';
const progressing = (reason: string, at = started) => ({
  type: 'Progressing',
  status: 'True',
  reason,
  message: '',
  lastUpdateTime: at,
  lastTransitionTime: at,
});

describe('a Deployment status', () => {
  it('tells of success once all replicas are updated and available', () => {
    const subject = deployment({}, { conditions: [progressing('ReplicaSetUpdated')] });
    const current = replicaSet(subject, {
      image: 'new',
      replicas: 4,
      status: { availableReplicas: 4, readyReplicas: 4 },
    });
    const status = deploymentStatus(subject, { current, all: [current] }, undefined, false, now);
    expect(status).toMatchObject({ replicas: 4, updatedReplicas: 4, availableReplicas: 4, unavailableReplicas: 0 });
    expect(findCondition(status.conditions, 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${current.metadata.name}" has successfully progressed.`,
      lastTransitionTime: started,
      lastUpdateTime: '2026-01-01T00:10:00Z',
    });
    expect(findCondition(status.conditions, 'Available')).toMatchObject({
      status: 'True',
      message: 'Deployment has minimum availability.',
    });
  });

  it('says so when the deadline has passed without progress', () => {
    const late = progressing('ReplicaSetUpdated', '2025-12-31T23:59:00Z');
    const subject = deployment({}, { replicas: 4, updatedReplicas: 4, conditions: [late] });
    const current = replicaSet(subject, { image: 'new', replicas: 4 });
    const status = deploymentStatus(subject, { current, all: [current] }, undefined, false, now);
    expect(findCondition(status.conditions, 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${current.metadata.name}" has timed out progressing.`,
    });
  });

  it('lets the deadline run from the last progress', () => {
    const subject = deployment({}, { conditions: [progressing('ReplicaSetUpdated')] });
    expect(untilDeadline(subject, subject.status ?? {}, now)).toBe(541_000);
    expect(
      untilDeadline({ ...subject, spec: subject.spec && { ...subject.spec, paused: true } }, subject.status ?? {}, now),
    ).toBeUndefined();
  });

  it('marks pauses, but not over a missed deadline', () => {
    expect(pauseNote(deployment({ paused: true }))?.reason).toBe('DeploymentPaused');
    const paused = { conditions: [progressing('DeploymentPaused')] };
    expect(pauseNote(deployment({ paused: true }, paused))).toBeUndefined();
    expect(pauseNote(deployment({}, paused))?.reason).toBe('DeploymentResumed');
    expect(
      pauseNote(deployment({ paused: true }, { conditions: [progressing('ProgressDeadlineExceeded')] })),
    ).toBeUndefined();
  });

  it('passes on what keeps a ReplicaSet from making pods', () => {
    const subject = deployment();
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' };
    const current = replicaSet(subject, { image: 'new', replicas: 4, status: { replicas: 0, conditions: [failure] } });
    const status = deploymentStatus(subject, { current, all: [current] }, undefined, false, now);
    expect(findCondition(status.conditions, 'ReplicaFailure')).toMatchObject({
      reason: 'FailedCreate',
      message: 'quota',
    });
  });
});
