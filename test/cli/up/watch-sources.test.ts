import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { watchSources } from '../../../src/cli/up/watch-sources.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** Rounds as they begin; each goes on until the test lets it. */
class Rounds {
  readonly #begun: { readonly superseded: AbortSignal; readonly end: (inputs: readonly string[]) => void }[] = [];
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  readonly round = (superseded: AbortSignal): Promise<readonly string[]> =>
    new Promise((end) => {
      this.#begun.push({ superseded, end });
      for (const wake of this.#waiting.splice(0)) wake();
    });

  async next(): Promise<{ readonly superseded: AbortSignal; readonly end: (inputs: readonly string[]) => void }> {
    for (;;) {
      const found = this.#begun[this.#taken];
      if (found) {
        this.#taken += 1;
        return found;
      }
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }
}

async function watching(
  files: Readonly<Record<string, string>>,
  run: (rounds: Rounds, folder: string) => Promise<void>,
): Promise<void> {
  const folder = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const rounds = new Rounds();
  const stop = new AbortController();
  const watched = watchSources([join(folder, 'app/app.ts')], stop.signal, rounds.round).catch(
    (error: unknown) => error,
  );
  await run(rounds, folder);
  const reason = new Error('stopped');
  stop.abort(reason);
  expect(await watched).toBe(reason);
}

describe('watching sources', () => {
  it('does not miss a change during the first round, and breaks that off', async () => {
    await watching({ 'app/app.ts': 'a' }, async (rounds, folder) => {
      const first = await rounds.next();
      writeFileSync(join(folder, 'app/app.ts'), 'b');
      await new Promise((done) => first.superseded.addEventListener('abort', done));
      first.end([]);
      const second = await rounds.next();
      second.end([]);
      expect(second.superseded.aborted).toBe(false);
    });
  });

  it('sees files that are replaced, removed, put into new folders', async () => {
    await watching({ 'app/app.ts': 'a', 'app/parts/one.ts': 'a' }, async (rounds, folder) => {
      (await rounds.next()).end([]);
      writeFileSync(join(folder, 'app/.app.ts.new'), 'b');
      renameSync(join(folder, 'app/.app.ts.new'), join(folder, 'app/app.ts'));
      (await rounds.next()).end([]);
      rmSync(join(folder, 'app/parts/one.ts'));
      (await rounds.next()).end([]);
      mkdirSync(join(folder, 'app/more'));
      (await rounds.next()).end([]);
      writeFileSync(join(folder, 'app/more/two.ts'), 'b');
      (await rounds.next()).end([]);
    });
  });

  it('sees files elsewhere that the last round depended on, also hidden ones', async () => {
    await watching({ 'app/app.ts': 'a', 'lib/part.ts': 'a', 'app/.settings': 'a' }, async (rounds, folder) => {
      (await rounds.next()).end([join(folder, 'lib/part.ts'), join(folder, 'app/.settings')]);
      // The round has ended when a change made after it has begun another.
      writeFileSync(join(folder, 'app/app.ts'), 'b');
      (await rounds.next()).end([join(folder, 'lib/part.ts'), join(folder, 'app/.settings')]);
      writeFileSync(join(folder, 'lib/part.ts'), 'b');
      (await rounds.next()).end([]);
      writeFileSync(join(folder, 'app/.settings'), 'b');
      (await rounds.next()).end([]);
    });
  });

  it('does not mind what is neither source nor was read', async () => {
    await watching({ 'app/app.ts': 'a', 'app/data/one.txt': 'a' }, async (rounds, folder) => {
      const first = await rounds.next();
      const inputs = [join(folder, 'app/data')];
      first.end(inputs);
      writeFileSync(join(folder, 'app/app.ts'), 'b');
      const second = await rounds.next();
      writeFileSync(join(folder, 'app/rounds.log'), 'x');
      writeFileSync(join(folder, 'app/data/two.txt'), 'b');
      await new Promise((done) => second.superseded.addEventListener('abort', done));
      second.end(inputs);
      (await rounds.next()).end(inputs);
    });
  });
});
