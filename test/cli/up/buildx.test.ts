/** Builds through the docker program of the user, in whose stead a script says what it was given. */
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildWithBuildx, hasBuildx } from '../../../src/cli/up/buildx.ts';
import { failedLine } from '../../../src/cli/up/dockerfile.ts';
import { readBuildContext } from '../../../src/composition/build-context.ts';
import { writeFiles } from '../../support/built-cli.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const { signal } = new AbortController();

function fakeDocker(script: string): NodeJS.ProcessEnv {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${script}`);
  chmodSync(join(folder, 'docker'), 0o755);
  return { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
}

function request(files: Readonly<Record<string, string>>) {
  const context = temporaryDirectory();
  writeFiles(context, files);
  chmodSync(join(context, 'run'), 0o700);
  const read = readBuildContext({ context, dockerfile: join(context, 'Dockerfile') });
  const text = files['Dockerfile'] ?? '';
  return {
    reference: 'a/b:1',
    files: read.entries,
    dockerfile: read.dockerfilePath === undefined ? { text } : { path: read.dockerfilePath },
    args: { A: 'b c' },
    target: 'last',
    platform: undefined,
    labels: { l: '1' },
  };
}

const show = [
  '[ "$2" = version ] && exit 0',
  'echo "$@" | sed "s#/[^ ]*kubewright-image-[A-Za-z0-9]*#DIR#g"',
  'for last; do :; done',
  'cd "$last" && find . -type f -printf "%M %p\\n" | sort -k2',
  'while [ $# -gt 0 ]; do [ "$1" = --file ] && cat "$2"; shift; done',
  '',
].join('\n');

describe('docker buildx', () => {
  it('gets the context as it was read', async () => {
    const env = fakeDocker(show);
    expect(await hasBuildx(env, signal)).toBe(true);
    const files = { Dockerfile: 'FROM scratch\n', run: 'r', 'a/b': 'b', secret: 's' };
    const lines: string[] = [];
    const said = (line: string): void => {
      lines.push(line);
    };
    await buildWithBuildx(request({ ...files, '.dockerignore': 'secret\n' }), files.Dockerfile, said, env, signal);
    expect(lines).toEqual([
      'buildx build --load --progress plain --provenance=false --tag a/b:1 --file DIR/context/Dockerfile --build-arg A=b c --label l=1 --target last DIR/context',
      '-rw-r--r-- ./.dockerignore',
      '-rw-r--r-- ./Dockerfile',
      '-rw-r--r-- ./a/b',
      '-rwxr-xr-x ./run',
      'FROM scratch',
    ]);
    lines.length = 0;
    await buildWithBuildx(
      request({ ...files, '.dockerignore': 'Docker*\n.docker*\n' }),
      files.Dockerfile,
      said,
      env,
      signal,
    );
    expect(lines[0]).toContain('--file DIR/Dockerfile ');
    expect(lines.slice(1)).toEqual(['-rw-r--r-- ./a/b', '-rwxr-xr-x ./run', '-rw-r--r-- ./secret', 'FROM scratch']);
  });

  it('tells what went wrong, and where', async () => {
    const output = [
      '#5 [2/2] RUN false',
      '#5 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1',
      '------',
      'Dockerfile:2',
      '--------------------',
      'ERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1',
    ];
    const env = fakeDocker(`cat >&2 <<'END'\n${output.join('\n')}\nEND\nexit 1\n`);
    const lines: string[] = [];
    const build = buildWithBuildx(
      request({ Dockerfile: 'FROM a\nRUN false\n', run: '' }),
      '',
      (line) => lines.push(line),
      env,
      signal,
    );
    await expect(build).rejects.toThrow('process "/bin/sh -c false" did not complete successfully: exit code: 1');
    expect(failedLine('FROM a\nRUN false\n', 'process', lines)).toBe(2);
  });

  it('may not be there', async () => {
    expect(await hasBuildx(fakeDocker('exit 1\n'), signal)).toBe(false);
    expect(await hasBuildx({ PATH: temporaryDirectory() }, signal)).toBe(false);
  });
});
