/** Builds the images that objects need, through Docker, before they are applied. */
import { readFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { contextDigest, readBuildContext } from '../../composition/build-context.ts';
import { problemText } from '../../compiler/code-frame.ts';
import type { Manifest, NeededImage } from '../../compiler/manifest-set.ts';
import { shownPath } from '../../compiler/shown-path.ts';
import { EngineError } from '../../runtime/engine/container-engine.ts';
import { dockerSocketPath } from '../../runtime/engine/docker/docker-address.ts';
import { DockerEngine } from '../../runtime/engine/docker/docker-engine.ts';
import { buildImage } from '../../runtime/engine/docker/image-build.ts';
import type { ImageBuildRequest } from '../../runtime/engine/docker/image-build.ts';
import { systemClock } from '../../shared/clock.ts';
import { clusterNames, statusOf } from '../cluster-record.ts';
import { Exit } from '../command.ts';
import { buildWithBuildx, hasBuildx } from './buildx.ts';
import { failedLine } from './dockerfile.ts';
import { Progress } from './progress.ts';

const labels = { 'kubewright.dev/image': 'program' } as const;
/** What Docker says of its layers and containers. */
const housekeeping = /^(?: ---> |Removing intermediate container )/;
/** Of what Docker said before it failed. */
const shownLines = 12;

/** Each image once, in the order in which the objects need them. */
export function neededImages(manifests: readonly Manifest[]): readonly NeededImage[] {
  const needed = manifests.flatMap(({ images }) => images ?? []);
  return [...new Map(needed.map((image) => [image.build.reference, image])).values()];
}

function stepIn(line: string): string | undefined {
  const step = /^(?:Step (\d+\/\d+) : (.*)|#\d+ \[(?:\S+ )?(\d+\/\d+)\] (.*))$/.exec(line);
  if (!step) return undefined;
  return `step ${step[1] ?? step[3] ?? ''}: ${step[2] ?? step[4] ?? ''}`;
}

function requestFor({ build }: NeededImage, text: string): ImageBuildRequest {
  const context = readBuildContext(build);
  const { reference, args, target, platform } = build;
  if (!reference.endsWith(`:${contextDigest(build, context)}`))
    throw new Exit(1, `the files of ${shownPath(build.context)} changed while the image was built: run it again`);
  const { dockerfilePath: path } = context;
  const dockerfile = path === undefined ? { text } : { path };
  return { reference, files: context.entries, dockerfile, args, target, platform, labels };
}

/** What went wrong, at its line of the Dockerfile and the line of the program that asked for the image. */
function failure({ build, places }: NeededImage, text: string, error: EngineError, output: readonly string[]): Exit {
  const file = shownPath(build.dockerfile);
  const line = failedLine(text, error.message, output);
  const tail = output.slice(-shownLines).map((said) => `    ${said}`);
  const remedy = /requires BuildKit|unknown instruction: |heredoc|--\w+ option|unknown flag/i.test(error.message)
    ? ['BuildKit, which newer Dockerfiles need, is used where "docker buildx" is installed']
    : [];
  const reason = [`the image ${build.reference} cannot be built: ${error.message.trim()}`, ...remedy, ...tail];
  const problem = {
    severity: 'error',
    layer: 'api',
    code: 'image',
    message: reason.join('\n'),
    place: { file, line: line ?? 1, column: 1 },
    calledFrom: places,
  } as const;
  return new Exit(1, problemText(problem));
}

async function buildOne(image: NeededImage, progress: Progress, signal: AbortSignal): Promise<void> {
  const { build } = image;
  const title = `Image ${build.reference}`;
  progress.set(title, { state: 'waiting', detail: `building from ${shownPath(build.context)}` });
  const text = await readFile(build.dockerfile, 'utf8');
  const output: string[] = [];
  const said = (coloured: string): void => {
    // What runs in the build may send anything, and Docker itself colours it.
    const line = stripVTControlCharacters(coloured).replaceAll(/[^\P{Cc}\t]/gu, '');
    if (line.trim() === '' || housekeeping.test(line)) return;
    output.push(line);
    const detail = stepIn(line);
    if (detail !== undefined) progress.set(title, { state: 'waiting', detail });
  };
  try {
    const request = requestFor(image, text);
    const { env } = process;
    if (await hasBuildx(env, signal)) await buildWithBuildx(request, text, said, env, signal);
    else await buildImage({ socketPath: dockerSocketPath(env), clock: systemClock, env }, request, said, signal);
  } catch (error) {
    if (!(error instanceof EngineError) || error.reason === 'Unreachable') throw error;
    progress.set(title, { state: 'failed', detail: 'cannot be built' });
    throw failure(image, text, error, output);
  }
  progress.set(title, { state: 'ready', detail: 'built' });
}

/**
 * Builds the images that are not there yet; those that are have the same files.
 *
 * @throws Exit with the place in the Dockerfile and in the program
 */
export async function buildImages(
  manifests: readonly Manifest[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const needed = neededImages(manifests);
  if (needed.length === 0) return;
  try {
    await using engine = new DockerEngine({ socketPath: dockerSocketPath(process.env), clock: systemClock });
    for (const image of needed) {
      signal.throwIfAborted();
      if (!(await engine.image(image.build.reference))) await buildOne(image, progress, signal);
    }
  } catch (error) {
    if (error instanceof EngineError) throw new Exit(1, `images cannot be built: ${error.message}`);
    throw error;
  }
}

/** Whether a server is that of a cluster of this machine, whose pods run in this machine's Docker. */
async function isOwnServer(origin: string): Promise<boolean> {
  const statuses = await Promise.all((await clusterNames()).map(statusOf));
  return statuses.some(({ server }) => server !== null && server !== '' && new URL(server).origin === origin);
}

/** Before an apply: builds the images for a cluster of this machine, and says what others have to find in a registry. */
export async function provideImages(
  manifests: readonly Manifest[],
  server: URL,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (neededImages(manifests).length === 0) return;
  if (!(await isOwnServer(server.origin))) process.stderr.write(`${pushNotice(manifests)}\n`);
  else if (!dryRun) await buildImages(manifests, new Progress(process.stderr), signal);
}

/** What to do for a cluster that does not share this machine's images. */
export function pushNotice(manifests: readonly Manifest[]): string {
  const needed = neededImages(manifests);
  const quoted = (word: string): string =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
  const lines = needed.flatMap(({ build }) => {
    const { reference, context, dockerfile, args, target, platform } = build;
    const words = [
      ...['docker', 'build', '-t', reference, '-f', shownPath(dockerfile)],
      ...Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
      ...(target === undefined ? [] : ['--target', target]),
      ...(platform === undefined ? [] : ['--platform', platform]),
      shownPath(context),
    ];
    const local = reference.startsWith('kubewright.local/');
    return [
      `  ${words.map(quoted).join(' ')} && docker push ${reference}`,
      ...(local
        ? ["  (first give it a name in a registry: image.build(..., { name: 'registry.example.com/you/web' }))"]
        : []),
    ];
  });
  return [
    `${needed.length === 1 ? 'an image is' : `${needed.length} images are`} built from source; that cluster pulls ${needed.length === 1 ? 'it' : 'them'} from the registry, so push first:`,
    ...lines,
  ].join('\n');
}
