/** BuildKit through the user's own docker program, where it has its buildx: what newer Dockerfiles need (RUN --mount, heredocs). */
import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { EngineError } from '../../runtime/engine/container-engine.ts';
import type { ImageBuildRequest } from '../../runtime/engine/docker/image-build.ts';

interface Run {
  readonly words: readonly string[];
  readonly said: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** The exit code; undefined where there is no docker program. */
function docker({ words, said, env, signal }: Run): Promise<number | undefined> {
  return new Promise((done, reject) => {
    const child = spawn('docker', words, { stdio: ['ignore', 'pipe', 'pipe'], env, signal });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', said);
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason);
      else if (error.code === 'ENOENT') done(undefined);
      else reject(error);
    });
    child.once('close', (code) => done(code ?? 1));
  });
}

export async function hasBuildx(env: Run['env'], signal: AbortSignal): Promise<boolean> {
  return (await docker({ words: ['buildx', 'version'], said: () => undefined, env, signal })) === 0;
}

/** The context as it was read, with the same permissions on every machine. */
async function lay(files: ImageBuildRequest['files'], folder: string): Promise<void> {
  for (const { path, kind, executable, source, target } of files) {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    if (kind === 'folder') await mkdir(place, { recursive: true });
    else if (kind === 'link') await symlink(target, place);
    else {
      await copyFile(source, place);
      await chmod(place, executable ? 0o755 : 0o644);
    }
  }
}

/** @throws EngineError with what docker said */
export async function buildWithBuildx(
  request: ImageBuildRequest,
  text: string,
  said: (line: string) => void,
  env: Run['env'],
  signal: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kubewright-image-'));
  try {
    const context = join(folder, 'context');
    await mkdir(context);
    await lay(request.files, context);
    const dockerfile =
      'path' in request.dockerfile ? join(context, request.dockerfile.path) : join(folder, 'Dockerfile');
    if ('text' in request.dockerfile) await writeFile(dockerfile, text);
    const pairs = (flag: string, values: Readonly<Record<string, string>>): readonly string[] =>
      Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
    const words = [
      ...['buildx', 'build', '--load', '--progress', 'plain', '--provenance=false'],
      ...['--tag', request.reference, '--file', dockerfile],
      ...pairs('--build-arg', request.args),
      ...pairs('--label', request.labels),
      ...(request.target === undefined ? [] : ['--target', request.target]),
      ...(request.platform === undefined ? [] : ['--platform', request.platform]),
      context,
    ];
    const lines: string[] = [];
    const code = await docker({
      words,
      said: (line) => {
        lines.push(line);
        said(line);
      },
      env,
      signal,
    });
    if (code === 0) return;
    const reason = lines.findLast((line) => /^ERROR: /.test(line))?.replace(/^ERROR: (?:failed to solve: )?/, '');
    throw new EngineError('Failed', reason ?? `docker buildx build ended with ${code ?? 'no program'}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
