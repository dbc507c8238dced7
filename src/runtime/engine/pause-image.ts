/** The image of the container that holds a pod's namespaces: made on the spot, never pulled. */
import { pack } from 'tar-stream';
import { EngineError, type ContainerEngine } from './container-engine.ts';
import { pauseProgram, type PauseArchitecture } from './pause-program.ts';

/** The number changes with the program, so that an older Kubewright's image is never taken for this one's. */
export const PAUSE_IMAGE = 'kubewright.dev/pause:1';
export const PAUSE_IMAGE_LABELS = { 'kubewright.dev/image': 'pause' } as const;

const dockerfile = 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n';

/** As the engine names them, which is uname(2)'s way or Go's. */
const architectures: Readonly<Record<string, PauseArchitecture>> = {
  x86_64: 'x86_64',
  amd64: 'x86_64',
  aarch64: 'aarch64',
  arm64: 'aarch64',
};

/** Builds the image if the engine does not have it. Resolves with its name. */
export async function ensurePauseImage(engine: ContainerEngine, signal: AbortSignal): Promise<string> {
  if (await engine.image(PAUSE_IMAGE)) return PAUSE_IMAGE;
  const { architecture } = await engine.info(signal);
  const known = architectures[architecture];
  if (!known) {
    throw new EngineError(
      'Failed',
      `no pause program for the architecture ${architecture}; there is one for x86_64 and aarch64`,
    );
  }
  await engine.build(PAUSE_IMAGE, buildContext(pauseProgram(known)), PAUSE_IMAGE_LABELS, signal);
  return PAUSE_IMAGE;
}

async function* buildContext(program: Uint8Array): AsyncGenerator<Uint8Array> {
  const tar = pack();
  const mtime = new Date(0);
  tar.entry({ name: 'Dockerfile', mode: 0o644, mtime }, dockerfile);
  tar.entry({ name: 'pause', mode: 0o755, mtime }, Buffer.from(program));
  tar.finalize();
  for await (const chunk of tar) if (chunk instanceof Uint8Array) yield chunk;
}
