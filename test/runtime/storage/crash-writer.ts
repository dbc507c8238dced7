/** Child of crash.test.ts: writes as fast as it can and reports what was acknowledged and what a watch showed, until it is killed. */
import { writeSync } from 'node:fs';
import { systemClock } from '../../../src/shared/clock.ts';
import { openLmdbStore } from '../../../src/runtime/storage/lmdb-store.ts';
import type { KubeObject } from '../../../src/types/meta.ts';

const directory = process.argv[2] ?? '';
const store = await openLmdbStore({ clock: systemClock, directory });
// Synchronous and unbuffered: once the call returns the line is in the pipe, whatever happens to this process.
const report = (line: string): void => void writeSync(1, `${line}\n`);

async function follow(): Promise<void> {
  for await (const event of store.watch('', store.revision, new AbortController().signal)) {
    if (event.type !== 'PROGRESS') report(`seen ${event.stored.key} ${event.stored.revision} ${event.type}`);
  }
}

async function write(writer: number): Promise<never> {
  const key = (round: number): string => `core/configmaps/default/${process.pid}-${writer}-${round}`;
  for (let round = 0; ; round++) {
    const value: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${writer}`, annotations: { pad: 'x'.repeat(500) } },
    };
    const created = await store.create(key(round), value);
    report(`acknowledged ${created.key} ${created.revision} PUT`);
    if (round % 3 !== 0) continue;
    const gone = await store.remove(created.key, created.revision);
    report(`acknowledged ${gone.key} ${gone.revision} DELETE`);
  }
}

await Promise.all([follow(), ...Array.from({ length: 8 }, (_, writer) => write(writer))]);
