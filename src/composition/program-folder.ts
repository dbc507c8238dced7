/** Where relative paths of a program start, what it has read, and which images it wants to be built. */
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../shared/deep.ts';
import type { ImageBuild } from '../shared/image-build.ts';
import type { CallFrame } from '../types/builder/call-frames.ts';

/** The bundle of a program sets this to its source file and gathers here what the program reads. */
export const programSymbol = Symbol.for('kubewright.program');

function program(): Record<string, unknown> | undefined {
  const found: unknown = Reflect.get(globalThis, programSymbol);
  return isRecord(found) ? found : undefined;
}

/** Relative paths start in the folder of the program; outside of `kubewright` (in a test) in the current one. */
export function programPath(path: string | URL): string {
  if (path instanceof URL) return fileURLToPath(path);
  const entry = program()?.['file'];
  return isAbsolute(path) || typeof entry !== 'string' ? resolve(path) : resolve(dirname(entry), path);
}

/** Notes a file or folder that the result depends on. */
export function noteRead(path: string): void {
  const reads = program()?.['reads'];
  if (reads instanceof Set) reads.add(path);
}

/** Notes that the result depends on something that cannot be looked at beforehand, such as another program. */
export function noteOutside(what: string): void {
  const found = program();
  if (found) found['outside'] = what;
}

/** Notes an image that has to be there before the program's objects can run. */
export function noteImage(build: ImageBuild, frames: readonly CallFrame[]): void {
  const images = program()?.['images'];
  if (images instanceof Map && !images.has(build.reference)) images.set(build.reference, { build, frames });
}
