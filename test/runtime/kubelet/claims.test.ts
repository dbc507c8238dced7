/** What stands behind a pod's claims, on real files. */
import { chmodSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containerDevices, containerMounts } from '../../../src/runtime/kubelet/container-mounts.ts';
import { PodSources } from '../../../src/runtime/kubelet/pod-sources.ts';
import { mountClaim } from '../../../src/runtime/kubelet/volumes/claimed-volume.ts';
import type { VolumeContext } from '../../../src/runtime/kubelet/volumes/volume-type.ts';
import { Node } from '../../../src/types/kinds/core/node.ts';
import { PersistentVolumeClaim } from '../../../src/types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../../src/types/kinds/core/persistent-volume.ts';
import type { Pod, PodSpec, Volume } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { boundClaim, claimOf, referenceTo, volumeOf } from '../../types/storage/objects.ts';
import type { VolumeSpec } from '../../types/storage/objects.ts';
import { ObjectTable } from './object-table.ts';
import { container, podOf } from './pod-case.ts';

const volume: Volume = { name: 'v', persistentVolumeClaim: { claimName: 'data' } };

function contextOf(pod: Pod, table: ObjectTable): VolumeContext {
  return {
    ...{ pod, folder: '', memoryFolder: '', nodeName: 'n1', clock: new ManualClock(), tokens: new Map() },
    sources: new PodSources(table),
    place: async () => ({ podIp: undefined, hostIp: '', allocatable: {} }),
  };
}

/** Mounts a claim that is bound to a volume of this kind. */
function mounted(spec: VolumeSpec, podSpec: Partial<PodSpec> = {}, of: Volume = volume): Promise<unknown> {
  const table = new ObjectTable();
  const claim = boundClaim('data', 'pv');
  table.put(Node, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { zone: 'a' } } });
  table.put(PersistentVolumeClaim, claim);
  const { hostPath: _none, ...persistent } = volumeOf('pv', { claimRef: referenceTo(claim), ...spec }).spec ?? {};
  const hostPath = spec.hostPath ? { hostPath: spec.hostPath } : {};
  const stored: PersistentVolume = { ...volumeOf('pv'), spec: { ...persistent, ...hostPath } };
  table.put(PersistentVolume, stored);
  return mountClaim(of, contextOf(podOf(podSpec), table));
}

const mode = (path: string): number => lstatSync(path).mode & 0o7777;

describe('a claim', () => {
  it('leads to the folder of its volume', async () => {
    const folder = temporaryDirectory();
    expect(await mounted({ local: { path: folder } })).toEqual({ path: folder });
    expect(await mounted({ hostPath: { path: join(folder, 'made') } })).toEqual({ path: join(folder, 'made') });
    expect(statSync(join(folder, 'made')).isDirectory()).toBe(true);
  });

  it('says what is not there', async () => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, 'file'), '');
    await expect(mounted({ local: { path: join(folder, 'none') } })).rejects.toThrow(
      `MountVolume.NewMounter initialization failed for volume "pv" : path "${folder}/none" does not exist`,
    );
    await expect(mounted({ local: { path: join(folder, 'file') } })).rejects.toThrow('file is not a directory');
    await expect(mounted({ hostPath: { path: folder, type: 'File' } })).rejects.toThrow(
      `MountVolume.SetUp failed for volume "pv" : hostPath type check failed: ${folder} is not a file`,
    );
    await expect(mounted({ nfs: { server: 's', path: '/' } })).rejects.toThrow(
      'MountVolume.SetUp failed for volume "pv" : volume source nfs of mode Filesystem is not supported on this node',
    );
    const far = { matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] } as const;
    const nodeAffinity = { required: { nodeSelectorTerms: [far] } };
    await expect(mounted({ local: { path: folder }, nodeAffinity })).rejects.toThrow(
      'MountVolume.NodeAffinity check failed for volume "pv" : no matching NodeSelectorTerms',
    );
  });

  it('has to be bound, and the pod’s own if the pod carries it', async () => {
    const table = new ObjectTable();
    const mount = (of: Volume = volume, pod = podOf()): Promise<unknown> => mountClaim(of, contextOf(pod, table));
    const start =
      'Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: error processing PVC default/data: ';
    await expect(mount()).rejects.toThrow(
      `${start}failed to fetch PVC from API server: persistentvolumeclaims "data" not found`,
    );
    table.put(PersistentVolumeClaim, claimOf('data'));
    await expect(mount()).rejects.toThrow(`${start}PVC is not bound`);
    const leaving = { ...boundClaim('data', 'pv') };
    table.put(PersistentVolumeClaim, {
      ...leaving,
      metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    });
    await expect(mount()).rejects.toThrow(`${start}PVC is being deleted`);
    table.put(PersistentVolumeClaim, boundClaim('data', 'pv'));
    await expect(mount()).rejects.toThrow('persistentvolumes "pv" not found');
    table.put(PersistentVolume, volumeOf('pv', { claimRef: referenceTo(claimOf('data', {}, { uid: 'older' })) }));
    await expect(mount()).rejects.toThrow('unexpected pv.Spec.ClaimRef.UID (older), expected pvc.UID (data-uid)');
    table.put(PersistentVolumeClaim, boundClaim('web-v', 'pv'));
    await expect(mount({ name: 'v', ephemeral: {} })).rejects.toThrow('was not created for pod default/web');
  });

  it('is a device or a folder, not both', async () => {
    const folder = temporaryDirectory();
    const devices = { containers: [container('app', { volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] })] };
    const mounts = { containers: [container('app', { volumeMounts: [{ name: 'v', mountPath: '/x' }] })] };
    await expect(mounted({ local: { path: folder } }, devices)).rejects.toThrow(
      'volume v has volumeMode Filesystem, but is specified in volumeDevices',
    );
    const block = { local: { path: folder }, volumeMode: 'Block' } as const;
    await expect(mounted(block, mounts)).rejects.toThrow(
      'volume v has volumeMode Block, but is specified in volumeMounts',
    );
    await expect(mounted(block, devices)).rejects.toThrow(`${folder} is not a block device`);
    const [app] = devices.containers;
    const input = { container: app ?? container('none'), volumes: new Map([['v', '/dev/loop7']]) };
    expect(containerDevices({ ...input, readOnlyVolumes: new Set(['v']) })).toEqual([
      { hostPath: '/dev/loop7', containerPath: '/dev/x', permissions: 'r' },
    ]);
  });

  it('may be for reading only', async () => {
    const folder = temporaryDirectory();
    const [mount] = await containerMounts({
      container: container('app', { volumeMounts: [{ name: 'v', mountPath: '/x' }] }),
      ...{ volumes: new Map([['v', folder]]), readOnlyVolumes: new Set(['v']), variables: new Map() },
      ...{ podFiles: new Map(), terminationLog: join(folder, 'log') },
    });
    expect(mount).toMatchObject({ source: folder, target: '/x', readOnly: true });
  });
});

describe('the group of a pod', () => {
  function filled(): string {
    const folder = temporaryDirectory();
    mkdirSync(join(folder, 'inner'));
    writeFileSync(join(folder, 'inner/file'), '');
    chmodSync(join(folder, 'inner/file'), 0o600);
    symlinkSync('/etc/hostname', join(folder, 'link'));
    return folder;
  }
  const own = { fsGroup: process.getgid?.() ?? 0 };

  it('gets what is in a local volume', async () => {
    const folder = filled();
    const host = statSync('/etc/hostname').mode;
    await mounted({ local: { path: folder } }, { securityContext: own });
    expect([mode(folder), mode(join(folder, 'inner')), mode(join(folder, 'inner/file'))]).toEqual([
      0o2770, 0o2775, 0o660,
    ]);
    expect(statSync('/etc/hostname').mode).toBe(host);
  });

  it('is given what it has only if it must be, and nothing that is for reading only or the host’s', async () => {
    const folder = filled();
    const readOnly: Volume = { name: 'v', persistentVolumeClaim: { claimName: 'data', readOnly: true } };
    await mounted({ local: { path: folder } }, { securityContext: own }, readOnly);
    await mounted({ hostPath: { path: folder } }, { securityContext: own });
    expect(mode(folder)).toBe(0o700);
    chmodSync(folder, 0o2770);
    await mounted({ local: { path: folder } }, { securityContext: { ...own, fsGroupChangePolicy: 'OnRootMismatch' } });
    expect(mode(join(folder, 'inner/file'))).toBe(0o600);
    chmodSync(folder, 0o700);
    await mounted({ local: { path: folder } }, { securityContext: { ...own, fsGroupChangePolicy: 'OnRootMismatch' } });
    expect(mode(join(folder, 'inner/file'))).toBe(0o660);
  });
});
