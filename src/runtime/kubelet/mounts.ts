/** tmpfs mounts of the host, for what must not reach a disk. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export async function mountTmpfs(folder: string, options: Readonly<Record<string, string>>): Promise<void> {
  const text = ['nosuid', 'nodev', ...Object.entries(options).map(([key, value]) => `${key}=${value}`)].join(',');
  await run('mount', ['-t', 'tmpfs', '-o', text, 'tmpfs', folder]);
}

export async function unmount(folder: string): Promise<void> {
  // Lazily: a container that still holds a file open must not keep the pod's folder from being removed.
  await run('umount', ['-l', folder]);
}

export async function isMountPoint(folder: string): Promise<boolean> {
  return (await mountPointsBelow(folder)).includes(folder);
}

/** Mount points at or below the folder, innermost last. */
export async function mountPointsBelow(folder: string): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const points = table.split('\n').map((line) => unescapePath(line.split(' ')[4] ?? ''));
  return points.filter((point) => point === folder || point.startsWith(`${folder}/`));
}

/** The kernel writes blanks and backslashes as octal numbers. */
function unescapePath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
