import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hostPathVolume } from '../../../src/runtime/kubelet/volumes/host-path.ts';
import type { VolumeContext } from '../../../src/runtime/kubelet/volumes/volume-type.ts';
import { PodSources } from '../../../src/runtime/kubelet/pod-sources.ts';
import type { HostPathVolumeSource } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { ObjectTable } from './object-table.ts';
import { podOf } from './pod-case.ts';

function setUp(path: string, type?: HostPathVolumeSource['type']): Promise<unknown> {
  const context: VolumeContext = {
    ...{ pod: podOf(), folder: '', memoryFolder: '', nodeName: 'n1', clock: new ManualClock(), tokens: new Map() },
    sources: new PodSources(new ObjectTable()),
    place: async () => ({ podIp: undefined, hostIp: '', allocatable: {} }),
  };
  return hostPathVolume.setUp({ name: 'v', hostPath: { path, ...(type === undefined ? {} : { type }) } }, context);
}

describe('hostPath', () => {
  it('makes what it may make', async () => {
    const folder = temporaryDirectory();
    expect(await setUp(join(folder, 'a/b'), 'DirectoryOrCreate')).toEqual({ path: join(folder, 'a/b') });
    expect(statSync(join(folder, 'a/b')).mode & 0o777).toBe(0o755);
    await setUp(join(folder, 'file'), 'FileOrCreate');
    expect(statSync(join(folder, 'file')).isFile()).toBe(true);
  });

  it('takes what is of its type, and refuses the rest', async () => {
    const folder = temporaryDirectory();
    const [directory, file, socket] = ['d', 'f', 's'].map((name) => join(folder, name));
    mkdirSync(directory ?? '');
    writeFileSync(file ?? '', '');
    const server = createServer().listen(socket);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    await setUp(directory ?? '', 'Directory');
    await setUp(file ?? '', 'File');
    await setUp(socket ?? '', 'Socket');
    await setUp('/dev/null', 'CharDevice');
    await setUp(file ?? '', '');
    await expect(setUp(file ?? '', 'Directory')).rejects.toThrow(
      `hostPath type check failed: ${file} is not a directory`,
    );
    await expect(setUp(directory ?? '', 'FileOrCreate')).rejects.toThrow('is not a file');
    await expect(setUp(file ?? '', 'Socket')).rejects.toThrow('is not a socket file');
    await expect(setUp('/dev/null', 'BlockDevice')).rejects.toThrow('is not a block device');
    await expect(setUp(join(folder, 'none'), 'Directory')).rejects.toThrow('is not a directory');
  });
});
