/** Calls back after each settled burst of changes below the folders of the entries. */
import { watch } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import { systemClock } from '../../shared/clock.ts';

const settleTime = 50;

async function folderOf(entry: string): Promise<string> {
  return (await stat(entry)).isDirectory() ? resolve(entry) : dirname(resolve(entry));
}

/** Ends only with the signal. With `initially`, calls once without a change, when every later one is noticed already. A change during `changed` leads to another call after it. */
export async function watchSources(
  entries: readonly string[],
  signal: AbortSignal,
  changed: () => Promise<void>,
  { initially = false }: { readonly initially?: boolean } = {},
): Promise<void> {
  const folders = new Set(await Promise.all(entries.map(folderOf)));
  let timer: Disposable | undefined;
  let running = Promise.resolve();
  const report = (error: unknown): void => {
    // One failed round is told and the next change tries again.
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  };
  const settle = (): void => {
    timer?.[Symbol.dispose]();
    timer = systemClock.schedule(settleTime, () => {
      running = running.then(changed).catch(report);
    });
  };
  const watching = Promise.all(
    [...folders].map(async (folder) => {
      try {
        for await (const { filename } of watch(folder, { recursive: true, signal })) {
          if (filename === null || !/(^|\/)(node_modules|\.git)\//.test(filename)) settle();
        }
      } catch (error) {
        // The watch says only that it was aborted; the signal says why.
        signal.throwIfAborted();
        throw error;
      }
    }),
  );
  if (initially) settle();
  await watching;
}
