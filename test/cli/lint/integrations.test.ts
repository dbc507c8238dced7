/** The GitHub Action and the pre-commit hook, run as their hosts run them. */
import { spawn } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../../../src/types/yaml/read.ts';
import { cliFile, writeFiles } from '../../support/built-cli.ts';
import type { Outcome } from '../../support/built-cli.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = resolve(import.meta.dirname, '../../..');
const good = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: good\n';
const bad = `${good}daat: {}\n`;
const quiet = "export default { extends: 'none' };";

interface Step {
  readonly shell: string;
  readonly env: Readonly<Record<string, string>>;
  readonly run: string;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}
interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly files: string;
  readonly language: string;
}

function isAction(value: unknown): value is Action {
  return typeof value === 'object' && value !== null && 'inputs' in value && 'runs' in value;
}

function isHooks(value: unknown): value is readonly Hook[] {
  return Array.isArray(value);
}

/** Programs by name that stand before all others in the PATH. */
function withPrograms(programs: Readonly<Record<string, string>>): string {
  const folder = temporaryDirectory();
  writeFiles(folder, programs);
  for (const name of Object.keys(programs)) chmodSync(join(folder, name), 0o755);
  return `${folder}:${process.env['PATH'] ?? ''}`;
}

function run(command: string, words: readonly string[], folder: string, env: Record<string, string>): Promise<Outcome> {
  return new Promise((done, reject) => {
    const child = spawn(command, words, { cwd: folder, env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}

describe('the GitHub Action', () => {
  /** A runner's part: inputs into the environment, then each step in its shell. */
  async function act(files: Readonly<Record<string, string>>, inputs: Readonly<Record<string, string>>) {
    const action = readYaml(readFileSync(join(root, 'action.yml'), 'utf8'));
    if (!isAction(action)) throw new Error('action.yml is no action');
    expect(Object.keys(inputs).filter((name) => !(name in action.inputs))).toEqual([]);
    const folder = temporaryDirectory();
    writeFiles(folder, files);
    const npx = `#!/bin/sh\n[ "$1 $2" = "--yes kubewright@latest" ] || exit 99\nshift 2\nexec "${process.execPath}" "${cliFile}" "$@"\n`;
    const path = withPrograms({ npx });
    let outcome: Outcome = { code: 0, stdout: '', stderr: '' };
    for (const step of action.runs.steps) {
      expect(step.shell).toBe('bash');
      const env = Object.fromEntries(
        Object.entries(step.env).map(([name, value]) => [
          name,
          value.replace(
            /\$\{\{ inputs\.([\w-]+) \}\}/g,
            (_, input: string) => inputs[input] ?? action.inputs[input]?.default ?? '?',
          ),
        ]),
      );
      const words = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run];
      outcome = await run('bash', words, folder, { ...env, PATH: path });
      if (outcome.code !== 0) break;
    }
    return { ...outcome, folder };
  }

  it('annotates what is wrong and fails', async () => {
    const files = { 'k8s/bad one.yaml': bad, 'kubewright.config.ts': quiet };
    const { code, stdout, stderr } = await act(files, {});
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(
      /^::error file=k8s\/bad one\.yaml,line=5,col=1,.*title=kubewright unknown-field::ConfigMap good: daat: /,
    );
  });

  it('takes several paths and globs, on one line or more', async () => {
    const files = {
      'a/good.yaml': good,
      'b/good.yaml': good.replace('good', 'other'),
      'c/bad.yaml': bad,
      'kubewright.config.ts': quiet,
    };
    const both = await act(files, { paths: 'a b/*.yaml' });
    expect(both).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const lines = await act(files, { paths: 'a\nc\n' });
    expect(lines).toMatchObject({ code: 1, stdout: expect.stringContaining('file=c/bad.yaml') });
  });

  it('passes on what its inputs say, and takes nothing for a command', async () => {
    const custom = 'apiVersion: example.com/v1\nkind: Any\nmetadata: {name: a}\n';
    const files = { 'a.yaml': bad, 'b.yaml': custom, 'other.config.ts': quiet };
    const never = await act(files, { 'fail-on': 'never', 'sarif-file': 'r.sarif', config: 'other.config.ts' });
    expect(never.code).toBe(0);
    expect(JSON.parse(readFileSync(join(never.folder, 'r.sarif'), 'utf8')).runs[0].results).toHaveLength(2);
    expect((await act(files, { paths: 'b.yaml', 'strict-coverage': 'true' })).code).toBe(3);
    expect((await act(files, { paths: 'b.yaml', 'kubernetes-version': '1.1' })).code).toBe(2);
    const hostile = await act(files, { paths: '$(touch hacked) `touch hacked` ;touch' });
    expect(hostile.code).toBe(2);
    expect(() => readFileSync(join(hostile.folder, 'hacked'))).toThrow();
  });
});

describe('the pre-commit hook', () => {
  const hooks = readYaml(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8'));
  const [hook] = isHooks(hooks) ? hooks : [];

  it('is for manifests in the usual folders', () => {
    const pattern = new RegExp(hook?.files ?? '');
    expect(
      ['k8s/a.yaml', 'app/deploy/a.json', 'overlays/prod/kustomization.yaml'].filter((path) => !pattern.test(path)),
    ).toEqual([]);
    expect(['.github/workflows/ci.yaml', 'package.json', 'src/base.yaml'].filter((path) => pattern.test(path))).toEqual(
      [],
    );
  });

  it('gets the files that have changed and fails when one is wrong', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'k8s/a.yaml': good,
      'k8s/b c.yaml': bad,
      'k8s/kustomization.yaml': 'resources: [a.yaml]\n',
      'kubewright.config.ts': quiet,
    });
    const path = withPrograms({ kubewright: `#!/bin/sh\nexec "${process.execPath}" "${cliFile}" "$@"\n` });
    const [command = '', ...words] = (hook?.entry ?? '').split(' ');
    const wrong = await run(command, [...words, 'k8s/a.yaml', 'k8s/b c.yaml'], folder, { PATH: path });
    expect(wrong).toMatchObject({ code: 1, stdout: expect.stringContaining('k8s/b c.yaml:5:1: error: ') });
    const right = await run(command, [...words, 'k8s/a.yaml', 'k8s/kustomization.yaml'], folder, { PATH: path });
    expect(right).toMatchObject({ code: 0, stdout: '1 object: 0 errors, 0 warnings\n' });
  });
});
