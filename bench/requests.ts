/** Requests a second that the API server answers to one client process with kept-alive connections; the store is LMDB. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { BenchCluster } from './support/bench-cluster.ts';
import { atLeast } from './support/figure.ts';
import { loads } from './support/load.ts';
import type { Load } from './support/load.ts';

/** Runs bench/support/load-client.ts as a process of its own, for the client's work would slow the measured one. */
async function rate(load: Load, cluster: BenchCluster): Promise<number> {
  const args = ['scripts/run.mjs', 'bench/support/load-client.ts', load, cluster.kubeconfig];
  const client = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(client.stdout), once(client, 'exit')]);
  if (code !== 0) throw new Error(`the load client ended with ${String(code)}: ${output}`);
  return Number(output);
}

await using cluster = await BenchCluster.create();
await cluster.start().done;
for (const [load, { figure, target }] of loads) {
  await atLeast(figure, Math.max(await rate(load, cluster), await rate(load, cluster)), '/s', target);
}
