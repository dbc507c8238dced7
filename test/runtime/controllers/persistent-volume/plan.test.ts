import { describe, expect, it } from 'vitest';
import { planClaim } from '../../../../src/runtime/controllers/persistent-volume/claim-plan.ts';
import type { ClaimSituation, ClaimStep } from '../../../../src/runtime/controllers/persistent-volume/claim-plan.ts';
import {
  boundStatus,
  claimBoundTo,
  unboundVolume,
  volumeBoundTo,
} from '../../../../src/runtime/controllers/persistent-volume/binding.ts';
import { planReclaim, planVolume } from '../../../../src/runtime/controllers/persistent-volume/volume-plan.ts';
import { boundClaim, claimOf, classOf, referenceTo, volumeOf } from '../../../types/storage/objects.ts';

function plan(claim: ClaimSituation['claim'], rest: Partial<ClaimSituation> = {}): ClaimStep {
  return planClaim({ claim, volumes: [], classes: [], waitingPods: [], ...rest });
}
const told = (step: ClaimStep): string =>
  'told' in step && step.told ? `${step.told.reason}: ${step.told.message}` : '';
const waiting = classOf('late', { volumeBindingMode: 'WaitForFirstConsumer' });
const marked = { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } };

describe('a claim without a volume', () => {
  it('takes what is there', () => {
    const volume = volumeOf('v');
    expect(plan(claimOf('c'), { volumes: [volume] })).toEqual({ act: 'bind', volume });
  });

  it('says that there is nothing', () => {
    expect(told(plan(claimOf('c', { storageClassName: '' })))).toBe(
      'FailedBinding: no persistent volumes available for this claim and no storage class is set',
    );
  });

  it('takes the default class that came later, unless it wants none', () => {
    const classes = [classOf('standard', { metadata: { name: 'standard', ...marked } })];
    expect(plan(claimOf('c'), { classes })).toEqual({ act: 'adopt-class', name: 'standard' });
    expect(plan(claimOf('c', { storageClassName: '' }), { classes }).act).toBe('wait');
  });

  it('asks the provisioner of its class', () => {
    const step = plan(claimOf('c', { storageClassName: 'fast' }), { classes: [classOf('fast')] });
    expect(step).toMatchObject({ act: 'ask', provisioner: 'example.com/disk' });
    expect(told(step)).toMatch(/^ExternalProvisioning: Waiting for a volume to be created either by the external/);
    const hand = classOf('hand', { provisioner: 'kubernetes.io/no-provisioner' });
    expect(told(plan(claimOf('c', { storageClassName: 'hand' }), { classes: [hand] }))).toBe(
      'ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner',
    );
    expect(told(plan(claimOf('c', { storageClassName: 'gone' })))).toBe(
      'ProvisioningFailed: storageclass.storage.k8s.io "gone" not found',
    );
  });

  it('waits for a pod when its class says so, then for the pod to have a node', () => {
    const claim = claimOf('c', { storageClassName: 'late' });
    const classes = [waiting];
    const free = volumeOf('v', { storageClassName: 'late' });
    expect(told(plan(claim, { classes, volumes: [free] }))).toBe(
      'WaitForFirstConsumer: waiting for first consumer to be created before binding',
    );
    expect(told(plan(claim, { classes, waitingPods: ['a'] }))).toBe(
      'WaitForPodScheduled: waiting for pod a to be scheduled',
    );
    expect(told(plan(claim, { classes, waitingPods: ['a', 'b'] }))).toBe(
      'WaitForPodScheduled: waiting for pods a,b to be scheduled',
    );
    const annotations = { 'volume.kubernetes.io/selected-node': 'n1' };
    expect(plan(claimOf('c', { storageClassName: 'late' }, { annotations }), { classes }).act).toBe('ask');
  });

  it('begins nothing on its way out', () => {
    const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect(plan(claimOf('c', {}, leaving), { volumes: [volumeOf('v')] })).toEqual({ act: 'wait' });
  });
});

describe('a claim that names its volume', () => {
  const claim = claimOf('c', { volumeName: 'v' });

  it('waits for it', () => {
    expect(plan(claim, { volumes: [volumeOf('other')] })).toEqual({ act: 'wait' });
  });

  it('takes it, or says why not', () => {
    expect(plan(claim, { volumes: [volumeOf('v')] }).act).toBe('bind');
    expect(plan(claim, { volumes: [volumeOf('v', { claimRef: { namespace: 'default', name: 'c' } })] }).act).toBe(
      'bind',
    );
    expect(told(plan(claim, { volumes: [volumeOf('v', { size: '1Mi' })] }))).toBe(
      'VolumeMismatch: Cannot bind to requested volume "v": requested PV is too small',
    );
    expect(told(plan(claim, { volumes: [volumeOf('v', { claimRef: referenceTo(claimOf('d')) })] }))).toBe(
      'FailedBinding: volume "v" already bound to a different claim.',
    );
  });
});

describe('a claim that was bound', () => {
  it('is lost with its volume', () => {
    expect(told(plan(boundClaim('c', 'v')))).toBe(
      'ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    );
    expect(told(plan(boundClaim('c', '')))).toMatch(/^ClaimLost: Bound claim has lost reference/);
    const taken = volumeOf('v', { claimRef: referenceTo(claimOf('d')) });
    expect(told(plan(boundClaim('c', 'v'), { volumes: [taken] }))).toMatch(/^ClaimMisbound/);
  });

  it('is bound again when the volume forgot it', () => {
    expect(plan(boundClaim('c', 'v'), { volumes: [volumeOf('v')] }).act).toBe('bind');
  });
});

describe('a volume', () => {
  const claim = claimOf('c');
  const made = { annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/disk' } };

  it('is available without a claim, or while it is only kept for one', () => {
    expect(planVolume(volumeOf('v'), undefined)).toEqual({ act: 'phase', phase: 'Available' });
    expect(planVolume(volumeOf('v', { claimRef: { namespace: 'default', name: 'c' } }), undefined)).toEqual({
      act: 'phase',
      phase: 'Available',
    });
  });

  it('is released when its claim is gone, or another of the same name', () => {
    const volume = volumeOf('v', { claimRef: referenceTo(claim) });
    expect(planVolume(volume, undefined).act).toBe('release');
    expect(planVolume(volume, claimOf('c', {}, { uid: 'younger' })).act).toBe('release');
  });

  it('is bound, or its claim has to finish', () => {
    const volume = volumeOf('v', { claimRef: referenceTo(claim) });
    expect(planVolume(volume, boundClaim('c', 'v'))).toEqual({ act: 'phase', phase: 'Bound' });
    expect(planVolume(volume, claim).act).toBe('nudge');
    expect(planVolume(volume, claimOf('c', { volumeMode: 'Block' })).act).toBe('mismatch');
  });

  it('goes free when its claim took another, unless it was made for it', () => {
    const claimRef = referenceTo(claim);
    expect(planVolume(volumeOf('v', { claimRef }), boundClaim('c', 'w')).act).toBe('unbind');
    const spec = { claimRef, persistentVolumeReclaimPolicy: 'Delete' } as const;
    expect(planVolume(volumeOf('v', spec, made), boundClaim('c', 'w')).act).toBe('release');
  });

  it('is reclaimed by its policy', () => {
    const policy = (persistentVolumeReclaimPolicy: 'Delete' | 'Recycle' | 'Retain', path = '/srv/v', metadata = {}) =>
      planReclaim(volumeOf('v', { persistentVolumeReclaimPolicy, hostPath: { path } }, metadata));
    expect(policy('Retain')).toEqual({ act: 'leave' });
    expect(policy('Delete', '/srv/v', made)).toEqual({ act: 'leave' });
    expect(policy('Delete', '/tmp/v')).toEqual({ act: 'delete', folder: '/tmp/v' });
    expect(policy('Delete')).toMatchObject({
      message: 'host_path deleter only supports /tmp/.+ but received provided /srv/v',
    });
    expect(policy('Recycle')).toMatchObject({ reason: 'VolumeFailedRecycle' });
  });
});

describe('binding', () => {
  const claim = claimOf('c');

  it('marks on each side what the other chose', () => {
    const volume = volumeBoundTo(volumeOf('v'), claim);
    expect(volume.spec?.claimRef).toMatchObject({ kind: 'PersistentVolumeClaim', name: 'c', uid: 'c-uid' });
    expect(volume.metadata.annotations).toEqual({ 'pv.kubernetes.io/bound-by-controller': 'yes' });
    expect(volumeBoundTo(volume, claim)).toBe(volume);
    const kept = volumeBoundTo(volumeOf('v', { claimRef: { namespace: 'default', name: 'c' } }), claim);
    expect([kept.spec?.claimRef?.uid, kept.metadata.annotations]).toEqual(['c-uid', undefined]);
    const bound = claimBoundTo(claim, volume);
    expect([bound.spec?.volumeName, bound.metadata.annotations]).toEqual([
      'v',
      { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' },
    ]);
    expect(claimBoundTo(bound, volume)).toBe(bound);
    expect(claimBoundTo(claimOf('c', { volumeName: 'v' }), volume).metadata.annotations).toEqual({
      'pv.kubernetes.io/bind-completed': 'yes',
    });
  });

  it('gives the claim what the volume has, once', () => {
    expect(boundStatus(claim, volumeOf('v', { size: '5Gi' }))).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '5Gi' },
    });
    expect(boundStatus(boundClaim('c', 'v'), volumeOf('v', { size: '5Gi' })).capacity).toEqual({ storage: '1Gi' });
  });

  it('is undone by who did it', () => {
    expect(unboundVolume(volumeBoundTo(volumeOf('v'), claim))).toMatchObject({ metadata: { annotations: {} } });
    expect(unboundVolume(volumeBoundTo(volumeOf('v'), claim)).spec?.claimRef).toBeUndefined();
    expect(unboundVolume(volumeOf('v', { claimRef: referenceTo(claim) })).spec?.claimRef).toEqual({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace: 'default',
      name: 'c',
    });
  });
});
