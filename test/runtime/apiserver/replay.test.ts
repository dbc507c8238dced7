/** Requests and a real API server's answers, sent to this one. The share that agrees is printed. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRecord } from '../../../src/shared/deep.ts';
import { listOf, numberOf, textOf } from '../../../src/runtime/apiserver/fields.ts';
import { emptyNamespaces } from '../../support/namespace-lifecycle.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { TestServer } from '../../support/api-server.ts';
import { explained } from '../../types/validation/explained-differences.ts';

const corpus = resolve(import.meta.dirname, '../../../../shared/facts/api');

let server: TestServer;
let folder: string;
let lifecycle: AsyncDisposable;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-replay-'));
  server = await startTestServer();
  lifecycle = emptyNamespaces(server);
  await server.writeKubeconfig(join(folder, 'config'));
});
afterAll(async () => {
  await lifecycle[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** What no recording is behind yet: containers cannot be attached to. */
const missing: ReadonlySet<string> = new Set(['pod-attach-001']);

interface Agreement {
  readonly cases: number;
  readonly code: number;
  readonly causes: number;
  readonly text: number;
  /** Cases that differ in reason or fields. */
  readonly different: readonly string[];
}

/** Runs the corpus' own replayer and answers what it wrote. */
async function replay(file: string): Promise<Agreement> {
  const out = join(folder, `${file}.json`);
  const args = [join(corpus, 'replay.mjs'), '--kubeconfig', join(folder, 'config'), '--json', out, join(corpus, file)];
  await new Promise<void>((done) =>
    execFile(process.execPath, args, { timeout: 240_000, maxBuffer: 256 * 1024 * 1024 }, () => done()),
  );
  const result: unknown = JSON.parse(await readFile(out, 'utf8'));
  const total = isRecord(result) ? result['total'] : undefined;
  const [cases = 0, code = 0, causes = 0, text = 0] = ['n', 'a', 'b', 'c'].map((name) => numberOf(total, name));
  console.log(
    `replay ${file}: ${cases} cases; ${code} agree in code, ${causes} in reason and fields, ${text} in every word`,
  );
  const different = listOf(result, 'bad').flatMap((each) =>
    textOf(each, 'agree').startsWith('ab') ? [] : [textOf(each, 'id')],
  );
  return { cases, code, causes, text, different };
}

describe('answers of a real API server', () => {
  // Thresholds only rise: what agreed once has to agree tomorrow.
  it.each([
    ['machinery-open.jsonl', 69, 41],
    ['rejections-open.jsonl', 1073, 1047],
  ])('%s', { timeout: 300_000 }, async (file, codes, causes) => {
    if (!existsSync(join(corpus, file))) {
      console.log(
        `replay ${file}: the recorded answers are not on this machine; only the cases in api-server.test.ts were checked`,
      );
      return;
    }
    const agreed = await replay(file);
    expect(agreed.code).toBeGreaterThanOrEqual(codes);
    expect(agreed.causes).toBeGreaterThanOrEqual(causes);
    // Objects of the machinery are compared field by field, and have grown since.
    if (file.startsWith('rejections'))
      expect(agreed.different.filter((id) => !explained.has(id) && !missing.has(id))).toEqual([]);
    expect(server.failures).toEqual([]);
  });
});
