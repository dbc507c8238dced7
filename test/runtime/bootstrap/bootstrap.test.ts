import { describe, expect, it } from 'vitest';
import { isRecord } from '../../../src/shared/deep.ts';
import type { KubeObject } from '../../../src/types/meta.ts';
import { bootstrap } from '../../../src/runtime/bootstrap.ts';
import type { ApiRequest, ApiResponse, Dispatch } from '../../../src/runtime/apiserver/request.ts';
import { createMemoryStore } from '../../../src/runtime/storage/memory-store.ts';
import type { Store } from '../../../src/runtime/storage/store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const isObject = (value: unknown): value is KubeObject => isRecord(value) && isRecord(value['metadata']);

/** Just enough of an API over a real store to carry out what a start asks for: paths are keys. */
function overStore(store: Store, requests: string[]): Dispatch {
  const serve = async ({ method, path, body }: ApiRequest): Promise<ApiResponse> => {
    const place = path.replace(/\/namespaces\/[^/]+\/(\w+)/, '/$1');
    const namespace = /\/namespaces\/([^/]+)\/\w+/.exec(path)?.[1] ?? '';
    const [, root = '', plural = '', name = ''] = /^(\/api\/v1|\/apis\/[^/]+\/v1)\/([^/]+)\/?(.*)$/.exec(place) ?? [];
    const key = (called: string): string => `${root.slice(1).replaceAll('/', '-')}/${plural}/${namespace}/${called}`;
    if (method === 'GET') {
      const items = (await store.list(`${root.slice(1).replaceAll('/', '-')}/${plural}/`)).items.map(
        (item) => item.value,
      );
      const list = { apiVersion: 'v1', kind: 'List', metadata: {}, items };
      return { status: 200, object: list };
    }
    const current = await store.get(key(decodeURIComponent(name)));
    if (method === 'DELETE' && current !== undefined)
      return { status: 200, object: (await store.remove(current.key, current.revision)).value };
    if (!isObject(body)) return { status: 400, object: { apiVersion: 'v1', kind: 'Status', metadata: {} } };
    if (method === 'PUT' && current !== undefined)
      return { status: 200, object: (await store.replace(current.key, body, current.revision)).value };
    return { status: 201, object: (await store.create(key(body.metadata.name ?? ''), body)).value };
  };
  return (request) => {
    requests.push(`${request.method} ${request.path}`);
    return serve(request);
  };
}

describe('the first start and those after it', () => {
  it('create everything once, then only repair', async () => {
    const store = createMemoryStore({ clock: new ManualClock() });
    const requests: string[] = [];
    const dispatch = overStore(store, requests);
    const signal = new AbortController().signal;
    await bootstrap(dispatch, signal);
    const first = store.revision;
    expect((await store.list('api-v1/namespaces/')).items.map((item) => item.value.metadata.name)).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
    ]);
    expect(requests).toContain('POST /apis/rbac.authorization.k8s.io/v1/namespaces/kube-public/roles');
    expect(first).toBeGreaterThan(130);

    requests.length = 0;
    await bootstrap(dispatch, signal);
    expect(store.revision).toBe(first);
    expect(requests.every((request) => request.startsWith('GET '))).toBe(true);

    const [view] = (await store.list('apis-rbac.authorization.k8s.io-v1/clusterroles//system:node', { limit: 1 }))
      .items;
    const taken = view ?? expect.fail('no role');
    await store.replace(taken.key, { ...taken.value, ...{ rules: [] } }, taken.revision);
    requests.length = 0;
    await bootstrap(dispatch, signal);
    expect(requests.filter((request) => !request.startsWith('GET '))).toEqual([
      'PUT /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
    ]);
    await store[Symbol.asyncDispose]();
  });

  it('ends with what the API refused', async () => {
    const refuse: Dispatch = () => {
      const status = { apiVersion: 'v1', kind: 'Status', metadata: {}, message: 'the store is full' };
      return Promise.resolve({ status: 503, object: status });
    };
    await expect(bootstrap(refuse, new AbortController().signal)).rejects.toThrow(
      'GET /api/v1/namespaces: the store is full',
    );
  });
});
