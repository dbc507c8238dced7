/** Small images under the names that examples use, for machines that no registry can be reached from. */
import { pack } from 'tar-stream';
import { BUSYBOX_IMAGE } from '../../scripts/images-recipes.ts';
import type { DockerEngine } from '../../src/runtime/engine/docker/docker-engine.ts';

/** Tag -> the shell script that such an image runs. */
export type StandIns = Readonly<Record<string, string>>;

/**
 * Builds those that are missing: a real image of the name does as well. Disposing removes what was built, so that nobody
 * takes it for the real one later.
 */
export async function standIns(engine: DockerEngine, scripts: StandIns): Promise<AsyncDisposable> {
  const made: string[] = [];
  for (const [tag, script] of Object.entries(scripts)) {
    if (await engine.image(tag)) continue;
    const tar = pack();
    tar.entry({ name: 'Dockerfile' }, `FROM ${BUSYBOX_IMAGE}\nCOPY run /run.sh\nCMD ["sh", "/run.sh"]\n`);
    tar.entry({ name: 'run' }, script);
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
