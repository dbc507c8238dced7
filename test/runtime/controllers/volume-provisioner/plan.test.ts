import { describe, expect, it } from 'vitest';
import {
  folderName,
  FOLDER_FINALIZER,
  planDelete,
  planProvision,
  provisionedVolume,
  PROVISIONER,
} from '../../../../src/runtime/controllers/volume-provisioner/plan.ts';
import type { ClaimSituation } from '../../../../src/runtime/controllers/volume-provisioner/plan.ts';
import type { PersistentVolume } from '../../../../src/types/kinds/core/persistent-volume.ts';
import { boundClaim, claimOf, classOf, volumeOf } from '../../../types/storage/objects.ts';
import type { ClaimSpec } from '../../../types/storage/objects.ts';

const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'h1' } },
} as const;
const storageClass = classOf('standard', { provisioner: PROVISIONER, volumeBindingMode: 'WaitForFirstConsumer' });

function asked(spec: ClaimSpec = {}, selected = 'n1'): ReturnType<typeof claimOf> {
  const annotations = {
    'volume.kubernetes.io/storage-provisioner': PROVISIONER,
    ...(selected === '' ? {} : { 'volume.kubernetes.io/selected-node': selected }),
  };
  return claimOf('data', { storageClassName: 'standard', ...spec }, { annotations });
}

const plan = (claim: ClaimSituation['claim'], rest: Partial<ClaimSituation> = {}) =>
  planProvision({ claim, storageClass, nodes: [node], provisioned: false, ...rest });

describe('a volume for a claim', () => {
  it('is made where the scheduler wants it', () => {
    expect(plan(asked())).toEqual({ act: 'make', folder: 'pvc-data-uid_default_data', node, storageClass });
    expect(plan(asked({}, ''))).toEqual({ act: 'nothing' });
    expect(plan(asked({}, 'gone'))).toMatchObject({ act: 'refuse', giveUpNode: true });
  });

  it('is made once, for open claims that ask this provisioner', () => {
    expect(plan(asked(), { provisioned: true })).toEqual({ act: 'nothing' });
    expect(plan(claimOf('data', { storageClassName: 'standard' }))).toEqual({ act: 'nothing' });
    expect(plan(boundClaim('data', 'v'))).toEqual({ act: 'nothing' });
    expect(plan(asked(), { storageClass: classOf('standard') })).toEqual({ act: 'nothing' });
    expect(plan(asked(), { storageClass: undefined })).toEqual({ act: 'nothing' });
  });

  it('is refused for what a folder cannot be', () => {
    const message = (spec: ClaimSpec): unknown => {
      const step = plan(asked(spec));
      return step.act === 'refuse' ? step.message : step;
    };
    expect(message({ volumeMode: 'Block' })).toContain('volumeMode Block is not supported');
    expect(message({ selector: {} })).toContain('claim.spec.selector is not supported');
    expect(message({ dataSource: { kind: 'PersistentVolumeClaim', name: 'other' } })).toContain('filled from');
  });

  it('has what the claim asks for and the class says', () => {
    const claim = asked({ accessModes: ['ReadWriteMany'], size: '3Gi' });
    const made = provisionedVolume(claim, { node, storageClass }, '/volumes/x');
    expect(made).toEqual({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: 'pvc-data-uid',
        annotations: { 'pv.kubernetes.io/provisioned-by': PROVISIONER },
        finalizers: [FOLDER_FINALIZER],
      },
      spec: {
        accessModes: ['ReadWriteMany'],
        capacity: { storage: '3Gi' },
        claimRef: {
          ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data' },
          ...{ uid: 'data-uid', resourceVersion: '7' },
        },
        local: { path: '/volumes/x' },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['h1'] }] },
            ],
          },
        },
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName: 'standard',
        volumeMode: 'Filesystem',
      },
    });
    expect(folderName(claimOf('x'.repeat(253))).length).toBe(255);
  });
});

describe('a folder', () => {
  const own = (
    phase: NonNullable<PersistentVolume['status']>['phase'],
    policy: 'Delete' | 'Retain',
    metadata: { readonly finalizers?: readonly string[]; readonly deletionTimestamp?: string } = {},
  ) =>
    planDelete(
      volumeOf(
        'v',
        { local: { path: '/volumes/v' }, persistentVolumeReclaimPolicy: policy },
        { annotations: { 'pv.kubernetes.io/provisioned-by': PROVISIONER }, ...metadata },
        phase,
      ),
    );
  const finalizers = [FOLDER_FINALIZER];
  const deletionTimestamp = '2026-01-01T00:00:00Z';

  it('goes when its volume is released, and stays while somebody holds it', () => {
    expect(own('Released', 'Delete', { finalizers })).toEqual({ act: 'delete', folder: '/volumes/v' });
    expect(own('Bound', 'Delete', { finalizers })).toEqual({ act: 'nothing' });
    expect(own('Bound', 'Delete', { finalizers, deletionTimestamp })).toEqual({ act: 'nothing' });
    expect(own('Available', 'Delete', { finalizers, deletionTimestamp })).toEqual({
      act: 'delete',
      folder: '/volumes/v',
    });
    expect(own('Released', 'Retain')).toEqual({ act: 'nothing' });
    expect(planDelete(volumeOf('v', { persistentVolumeReclaimPolicy: 'Delete' }, {}, 'Released'))).toEqual({
      act: 'nothing',
    });
  });

  it('is held by its policy, as that is now', () => {
    expect(own('Bound', 'Delete')).toEqual({ act: 'finalizers', finalizers });
    expect(own('Bound', 'Retain', { finalizers: ['a', FOLDER_FINALIZER] })).toEqual({
      act: 'finalizers',
      finalizers: ['a'],
    });
  });
});
