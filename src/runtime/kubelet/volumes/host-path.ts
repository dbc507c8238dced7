import { mkdir, writeFile } from 'node:fs/promises';
import type { HostPathVolumeSource } from '../../../types/kinds/generated/core-v1.gen.ts';
import { fileKind } from './atomic-folder.ts';
import { VolumeError, type VolumeType } from './volume-type.ts';

type Kind = NonNullable<Awaited<ReturnType<typeof fileKind>>>;

/** What each type asks of the path, and the words for "it is not". */
const CHECKS: Readonly<Record<string, { readonly is: (kind: Kind) => boolean; readonly complaint: string }>> = {
  Directory: { is: (kind) => kind.isDirectory(), complaint: 'is not a directory' },
  DirectoryOrCreate: { is: (kind) => kind.isDirectory(), complaint: 'is not a directory' },
  File: { is: (kind) => kind.isFile(), complaint: 'is not a file' },
  FileOrCreate: { is: (kind) => kind.isFile(), complaint: 'is not a file' },
  Socket: { is: (kind) => kind.isSocket(), complaint: 'is not a socket file' },
  CharDevice: { is: (kind) => kind.isCharacterDevice(), complaint: 'is not a character device' },
  BlockDevice: { is: (kind) => kind.isBlockDevice(), complaint: 'is not a block device' },
};

export const hostPathVolume: VolumeType = {
  field: 'hostPath',
  live: false,
  async setUp(volume) {
    const source = volume.hostPath ?? { path: '' };
    await prepareHostPath(source);
    return { path: source.path };
  },
};

/** @throws VolumeError when something else lies there */
export async function prepareHostPath({ path, type = '' }: HostPathVolumeSource): Promise<void> {
  if (!(await fileKind(path))) {
    if (type === '' || type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
    else if (type === 'FileOrCreate') await writeFile(path, '', { mode: 0o644, flag: 'a' });
  }
  const check = CHECKS[type];
  const kind = await fileKind(path);
  if (check && !(kind && check.is(kind))) {
    throw new VolumeError(`hostPath type check failed: ${path} ${check.complaint}`);
  }
}
