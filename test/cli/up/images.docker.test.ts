/** `image.build` through the real Docker: what is built, what is not built again, and what is said when it fails. */
import { copyFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImages, neededImages } from '../../../src/cli/up/images.ts';
import { Progress } from '../../../src/cli/up/progress.ts';
import type { Manifest } from '../../../src/compiler/manifest-set.ts';
import { compile } from '../../../src/index.ts';
import type { DockerEngine } from '../../../src/runtime/engine/docker/docker-engine.ts';
import { writeFiles } from '../../support/built-cli.ts';
import { BUSYBOX_IMAGE } from '../../../scripts/images-recipes.ts';
import { runProgram } from '../../support/kubectl.ts';
import { localDocker } from '../../support/docker.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const name = `test.kubewright.dev/${Date.now().toString(36)}`;
const built = new Set<string>();
let engine: DockerEngine;
beforeAll(async () => {
  engine = await localDocker();
});
afterAll(async () => {
  for (const reference of built) await engine.removeImage(reference);
  await engine[Symbol.asyncDispose]();
});

interface Attempt {
  readonly reference: string;
  readonly said: string;
  readonly error: string;
}

async function manifestsOf(folder: string, options = '{}'): Promise<readonly Manifest[]> {
  writeFiles(folder, {
    'app.ts': [
      "import { image, worker } from 'kubewright';",
      `export default worker({ name: 'a', image: image.build('./web', { name: '${name}', ...${options} }) });`,
    ].join('\n'),
  });
  const { set, problems } = await compile(join(folder, 'app.ts'));
  expect(problems).toEqual([]);
  return set?.manifests ?? [];
}

async function attempt(folder: string, options?: string): Promise<Attempt> {
  const manifests = await manifestsOf(folder, options);
  const reference = neededImages(manifests)[0]?.build.reference ?? '';
  const stream = Object.assign(new PassThrough(), { isTTY: false });
  let error = '';
  await buildImages(manifests, new Progress(Object(stream)), new AbortController().signal).then(
    () => built.add(reference),
    (reason: unknown) => (error = reason instanceof Error ? reason.message : String(reason)),
  );
  return { reference, said: String(stream.read() ?? ''), error };
}

async function output(reference: string, ...command: readonly string[]): Promise<string> {
  const { stdout, stderr } = await runProgram('docker', ['run', '--rm', '--network', 'none', reference, ...command]);
  return (stdout + stderr).trim();
}

describe('images from Dockerfiles', () => {
  it('are built from scratch, once', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'web/Dockerfile':
        'FROM scratch\nARG WORD=none\nENV WORD=${WORD}\nCOPY busybox /bin/sh\nCOPY . /app/\nCMD ["sh", "-c", "echo $WORD"]\n',
      'web/.dockerignore': 'busybox\n!busybox\nDockerfile\nsecret\n',
      'web/run': '#!/bin/sh\necho ran\n',
      'web/secret': 's',
      'web/a/b': 'b',
    });
    copyFileSync('/usr/bin/busybox', join(folder, 'web/busybox'));
    chmodSync(join(folder, 'web/run'), 0o700);
    const first = await attempt(folder, "{ args: { WORD: 'a b' } }");
    expect(first.error).toBe('');
    expect(first.said).toMatch(/Image test\.kubewright\.dev\/\w+:[0-9a-f]{16}: building from/);
    expect(first.said).toContain('step 4/7: COPY busybox /bin/sh');
    expect(await output(first.reference)).toBe('a b');
    // The Dockerfile and what is ignored stay outside, and only the executable bit comes along.
    expect(await output(first.reference, '/app/run')).toBe('ran');
    const list = await output(
      first.reference,
      'sh',
      '-c',
      'cd /app && /app/busybox ls -Al . | /app/busybox tail -n +2',
    );
    expect(list.split('\n').map((line) => [line.split(/ +/)[0], line.split(/ +/).at(-1)])).toEqual([
      ['-rw-r--r--', '.dockerignore'],
      ['drwxr-xr-x', 'a'],
      ['-rwxr-xr-x', 'busybox'],
      ['-rwxr-xr-x', 'run'],
    ]);
    const second = await attempt(folder, "{ args: { WORD: 'a b' } }");
    expect([second.reference, second.said]).toEqual([first.reference, '']);
  });

  it('say where they fail', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'web/Dockerfile': `FROM ${BUSYBOX_IMAGE}\n\n# why\nRUN echo one && \\\n  echo gone wrong >&2 && \\\n  exit 3\nCMD ["sh"]\n`,
    });
    const { error, reference } = await attempt(folder);
    expect(error).toMatch(/web\/Dockerfile:4:1: error: the image .* cannot be built: .*returned a non-zero code: 3/s);
    expect(error).toContain(reference);
    expect(error).toContain('    gone wrong');
    expect(error).toContain('> 4 | RUN echo one');
    expect(error).toMatch(/called from .*app\.ts:2:\d+/);
  });

  it.each([
    ['no instruction', 'FROM scratch\nFOO bar\n', /Dockerfile:2:1: error: .*unknown instruction: FOO/i],
    ['a file that is not there', 'FROM scratch\nCOPY none /\n', /Dockerfile:2:1: error: .*none/],
    ['an image that is not there', 'FROM kubewright.local/none:1\n', /Dockerfile:1:1: error: .*kubewright\.local/],
    [
      'what needs BuildKit',
      `FROM ${BUSYBOX_IMAGE}\nRUN --mount=type=cache,target=/x true\n`,
      /Dockerfile:2:1: .*BuildKit.*docker buildx/s,
    ],
    [
      'a stage that is not there',
      'FROM scratch AS a\nCOPY Dockerfile /\n',
      /failed to reach build target x/,
      "{ target: 'x' }",
    ],
  ])('refuse %s', async (_, text, message, options?: string) => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'web/Dockerfile': text });
    expect((await attempt(folder, options)).error).toMatch(message);
  });

  it('notice files that change meanwhile', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'web/Dockerfile': 'FROM scratch\nCOPY . /\n', 'web/a': 'a' });
    const manifests = await manifestsOf(folder);
    writeFiles(folder, { 'web/a': 'b' });
    const progress = new Progress(Object(Object.assign(new PassThrough(), { isTTY: false })));
    await expect(buildImages(manifests, progress, new AbortController().signal)).rejects.toThrow(
      'changed while the image was built: run it again',
    );
  });
});
