import { kindBases } from '../../src/types/registry.ts';
import type { ApiRequest } from '../../src/runtime/apiserver/request.ts';
import type { StoreEvent } from '../../src/runtime/storage/store.ts';
import { masters } from './api-server.ts';
import type { TestServer } from './api-server.ts';

/** Does for a server without controllers what namespaces need: a default service account, and an end. */
export function emptyNamespaces(server: TestServer): AsyncDisposable {
  const stop = new AbortController();
  const running = follow(server, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

async function follow(server: TestServer, signal: AbortSignal): Promise<void> {
  for await (const event of server.store.watch('core/namespaces/', 0, signal)) await handle(server, event);
}

async function handle(server: TestServer, event: StoreEvent): Promise<void> {
  if (event.type !== 'PUT') return;
  const { value } = event.stored;
  const name = value.metadata.name ?? '';
  const place = `/namespaces/${name}`;
  if (value.metadata.deletionTimestamp === undefined) {
    await call(server, 'POST', `/api/v1${place}/serviceaccounts`, { metadata: { name: 'default' } });
    return;
  }
  for (const kind of kindBases().values()) {
    if (!kind.served || kind.virtual || kind.scope !== 'Namespaced') continue;
    const root = kind.group === '' ? '/api/v1' : `/apis/${kind.apiVersion}`;
    await call(server, 'DELETE', `${root}${place}/${kind.plural}`, undefined);
  }
  await call(server, 'PUT', `/api/v1${place}/finalize`, { ...value, spec: { finalizers: [] } });
}

async function call(server: TestServer, method: ApiRequest['method'], path: string, body: unknown): Promise<void> {
  const signal = new AbortController().signal;
  const query = new URLSearchParams();
  await server.api.dispatch({ method, path, query, user: masters, userAgent: 'test', contentType: '', body, signal });
}
