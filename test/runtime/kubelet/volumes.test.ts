import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containerMounts } from '../../../src/runtime/kubelet/container-mounts.ts';
import { writeAtomically } from '../../../src/runtime/kubelet/volumes/atomic-folder.ts';
import { volumeTypeOf } from '../../../src/runtime/kubelet/volumes/index.ts';
import { configMapFiles, inside } from '../../../src/runtime/kubelet/volumes/payload.ts';
import { onlyUser } from '../../../src/runtime/kubelet/volumes/projected.ts';
import type { Pod } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const file = (text: string, mode = 0o640): { data: Uint8Array; mode: number } => ({ data: Buffer.from(text), mode });

describe('volumes', () => {
  it('swaps all files at once and keeps what has not changed', async () => {
    const folder = join(temporaryDirectory(), 'v');
    writeAtomically(
      folder,
      new Map([
        ['a', file('1')],
        ['d/b', file('2')],
      ]),
      undefined,
    );
    expect(readFileSync(join(folder, 'd/b'), 'utf8')).toBe('2');
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o640);
    expect(readlinkSync(join(folder, 'a'))).toBe('..data/a');
    const first = readlinkSync(join(folder, '..data'));
    writeAtomically(
      folder,
      new Map([
        ['a', file('1')],
        ['d/b', file('2')],
      ]),
      undefined,
    );
    expect(readlinkSync(join(folder, '..data'))).toBe(first);
    writeAtomically(folder, new Map([['a', file('3')]]), undefined);
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('3');
    expect(() => lstatSync(join(folder, 'd'))).toThrow('ENOENT');
    expect(() => lstatSync(join(folder, first))).toThrow('ENOENT');
  });

  it('gives a file to the user that it is for, if the process may', () => {
    const folder = join(temporaryDirectory(), 'v');
    const token = { ...file('t', 0o644), owner: 1000 };
    writeAtomically(folder, new Map([['token', token]]), undefined);
    const { uid, mode } = statSync(join(folder, 'token'));
    // Whoever is not root cannot give files away, and everybody has to be able to read them.
    const isRoot = process.getuid?.() === 0;
    expect([uid === 1000, mode & 0o777]).toEqual(isRoot ? [true, 0o600] : [false, 0o644]);
  });

  it('knows the one user of a pod', () => {
    const pod = (spec: object, ...users: (number | undefined)[]): Pod => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        ...spec,
        containers: users.map((runAsUser, index) => ({
          name: `c${index}`,
          ...(runAsUser !== undefined && { securityContext: { runAsUser } }),
        })),
      },
    });
    expect(onlyUser(pod({}, 1000, 1000))).toBe(1000);
    expect(onlyUser(pod({ securityContext: { runAsUser: 0 } }, undefined, 0))).toBe(0);
    expect(onlyUser(pod({}, 1000, undefined))).toBeUndefined();
    expect(onlyUser(pod({}, 1000, 1001))).toBeUndefined();
  });

  it('says what is missing', () => {
    const selection = { items: undefined, mode: 0o644, optional: false };
    expect(() => configMapFiles('x', undefined, selection)).toThrow('configmap "x" not found');
    const empty = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } } as const;
    const items = [{ key: 'k', path: 'p' }];
    expect(() => configMapFiles('x', empty, { ...selection, items })).toThrow('references non-existent config key: k');
    expect(configMapFiles('x', undefined, { ...selection, optional: true }).size).toBe(0);
    expect(() => volumeTypeOf({ name: 'n', nfs: { server: 's', path: '/' } })).toThrow(
      'volume type nfs is not supported',
    );
  });

  it.each(['../x', '/x', 'a/../../x', '..x', ''])('keeps %j out of volumes', (path) => {
    expect(() => inside(path)).toThrow('invalid path');
  });

  it('lets no subPath leave its volume', async () => {
    const root = temporaryDirectory();
    const volume = join(root, 'v');
    mkdirSync(volume);
    chmodSync(volume, 0o777);
    symlinkSync('/etc', join(volume, 'out'));
    const mounts = (subPath: string): ReturnType<typeof containerMounts> =>
      containerMounts({
        container: { name: 'c', volumeMounts: [{ name: 'v', mountPath: '/m', subPath }] },
        volumes: new Map([['v', volume]]),
        readOnlyVolumes: new Set(),
        variables: new Map(),
        podFiles: new Map(),
        terminationLog: join(root, 'log'),
      });
    await expect(mounts('out')).rejects.toThrow('"out" leaves the volume');
    await expect(mounts('out/passwd')).rejects.toThrow('leaves the volume');
    await expect(mounts('../x')).rejects.toThrow('leaves the volume');
    expect((await mounts('new/folder'))[0]?.source).toBe(join(volume, 'new/folder'));
    expect(statSync(join(volume, 'new')).mode & 0o777).toBe(0o777);
  });
});
