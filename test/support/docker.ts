/** This machine's Docker, with the images that tests use. */
import { resolve } from 'node:path';
import { dockerSocketPath } from '../../src/runtime/engine/docker/docker-address.ts';
import { DockerEngine } from '../../src/runtime/engine/docker/docker-engine.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { BUSYBOX_IMAGE, buildImages } from '../../scripts/images-recipes.ts';

/** An engine with the images of these tags (busybox unless told otherwise), built when they are missing. */
export async function localDocker(tags: readonly string[] = [BUSYBOX_IMAGE]): Promise<DockerEngine> {
  const engine = new DockerEngine({ socketPath: dockerSocketPath(process.env), clock: systemClock });
  await withImages(engine, tags);
  return engine;
}

export async function withImages(engine: DockerEngine, tags: readonly string[]): Promise<void> {
  const options = { root: resolve(import.meta.dirname, '../..'), say: () => undefined };
  await buildImages(engine, tags, options, new AbortController().signal);
}
