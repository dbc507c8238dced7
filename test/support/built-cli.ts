/** Runs the built command line as a user does. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const cliFile = resolve(import.meta.dirname, '../../dist/cli.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `CI` is unset, so that tests behave the same everywhere. */
export function kubewright(folder: string, words: readonly string[], input = ''): Promise<Outcome> {
  const { CI: _, ...environment } = process.env;
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [cliFile, ...words], { cwd: folder, env: environment });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => done({ code, stdout, stderr }));
    // It may end without reading.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** The lines of the message, without the frames of source. */
export function messages({ stderr }: Outcome): readonly string[] {
  return stderr.split('\n').filter((line) => line !== '' && !/^[> ] +\d* \|/.test(line));
}
