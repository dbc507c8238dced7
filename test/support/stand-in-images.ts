/** Small images under the names that examples use, for machines that no registry can be reached from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import type { Pack } from 'tar-stream';
import { BUSYBOX_IMAGE, NODE_IMAGE } from '../../scripts/images-recipes.ts';
import type { DockerEngine } from '../../src/runtime/engine/docker/docker-engine.ts';

/** An image that has programs of the folder stand-ins. */
export interface StandIn {
  /** Name of the program in the image -> its file; a module runs by Node.js, anything else by the shell. */
  readonly programs: Readonly<Record<string, string>>;
  /** What the image runs by itself. */
  readonly command?: string;
}
/** Tag -> the shell script that such an image runs, or its programs. */
export type StandIns = Readonly<Record<string, string | StandIn>>;

const folder = join(import.meta.dirname, 'stand-ins');

function fill(tar: Pack, standIn: string | StandIn): void {
  if (typeof standIn === 'string') {
    tar.entry({ name: 'Dockerfile' }, `FROM ${BUSYBOX_IMAGE}\nCOPY run /run.sh\nCMD ["sh", "/run.sh"]\n`);
    tar.entry({ name: 'run' }, standIn);
    return;
  }
  const { programs, command = 'sh' } = standIn;
  const usesNode = Object.values(programs).some((file) => file.endsWith('.mjs'));
  const base = usesNode ? NODE_IMAGE : BUSYBOX_IMAGE;
  tar.entry({ name: 'Dockerfile' }, `FROM ${base}\nCOPY root /\nCMD ["${command}"]\n`);
  for (const [name, file] of Object.entries(programs)) {
    const text = readFileSync(join(folder, file), 'utf8');
    if (file.endsWith('.mjs')) tar.entry({ name: `root/opt/${file}` }, text);
    const script = file.endsWith('.mjs') ? `#!/bin/sh\nexec node /opt/${file} ${name} "$@"\n` : text;
    tar.entry({ name: `root/bin/${name}`, mode: 0o755 }, script);
  }
}

/**
 * Builds those that are missing: a real image of the name does as well. Disposing removes what was built, so that nobody
 * takes it for the real one later.
 */
export async function standIns(engine: DockerEngine, images: StandIns): Promise<AsyncDisposable> {
  const made: string[] = [];
  for (const [tag, standIn] of Object.entries(images)) {
    if (await engine.image(tag)) continue;
    const tar = pack();
    fill(tar, standIn);
    tar.finalize();
    await engine.build(tag, bytesOf(tar), { 'kubewright.dev/image': 'stand-in' }, new AbortController().signal);
    made.push(tag);
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const tag of made) await engine.removeImage(tag);
    },
  };
}

async function* bytesOf(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;
}
