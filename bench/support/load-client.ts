/** Client process: `load-client.ts read|create|update KUBECONFIG` prints the requests a second that were answered. */
import { connect } from '../../src/cli/connection.ts';
import type { HttpConnection } from '../../src/runtime/client/http.ts';
import { isLoad } from './load.ts';
import type { Load } from './load.ts';

const connections = 32;
const warmUp = 1_000;
const measured = 4_000;
const collection = '/api/v1/namespaces/default/configmaps';

/** As large as a small pod: about 1 KiB. */
function configMap(name: string, revision: number): string {
  const data = { 'settings.json': 'x'.repeat(800), revision: String(revision) };
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
}

/** Reads what is created or changed by nobody else, so no answer may be a refusal. */
async function send(http: HttpConnection, method: string, path: string, body?: string): Promise<void> {
  const answer = await http.fetch({
    method,
    path,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
  if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`);
}

function requestOf(load: Load, http: HttpConnection, worker: number, count: number): Promise<void> {
  const name = `load-${worker}`;
  if (load === 'read') return send(http, 'GET', `${collection}/${name}`);
  if (load === 'update') return send(http, 'PUT', `${collection}/${name}`, configMap(name, count));
  return send(http, 'POST', collection, configMap(`${name}-${count}`, count));
}

const [load, kubeconfig] = process.argv.slice(2);
if (!isLoad(load) || kubeconfig === undefined) throw new Error('usage: load-client.ts read|create|update KUBECONFIG');
const { http } = await connect({ kubeconfig }, new AbortController().signal);
const workers = Array.from({ length: connections }, (_, index) => index);
await send(http, 'DELETE', collection);
if (load !== 'create') {
  await Promise.all(workers.map((worker) => send(http, 'POST', collection, configMap(`load-${worker}`, 0))));
}

const begin = performance.now() + warmUp;
const end = begin + measured;
let answered = 0;
await Promise.all(
  workers.map(async (worker) => {
    for (let count = 1; performance.now() < end; count += 1) {
      await requestOf(load, http, worker, count);
      const now = performance.now();
      if (now >= begin && now < end) answered += 1;
    }
  }),
);
await send(http, 'DELETE', collection);
http[Symbol.dispose]();
console.log((answered * 1000) / measured);
