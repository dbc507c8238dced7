import { describe, expect, it } from 'vitest';
import { requestInfo } from '../../../src/runtime/apiserver/request-info.ts';
import type { ApiRequest } from '../../../src/runtime/apiserver/request.ts';
import { builtInKinds } from '../../../src/types/kinds/index.ts';
import { Registry } from '../../../src/types/registry.ts';

const registry = new Registry(builtInKinds);

function infoOf(method: ApiRequest['method'], url: string) {
  const [path = '', query = ''] = url.split('?');
  return requestInfo({ method, path, query: new URLSearchParams(query) }, registry);
}

describe('requestInfo', () => {
  it.each([
    ['GET', '/api/v1/pods', 'list', '', 'pods', '', '', ''],
    ['GET', '/api/v1/pods?watch=1', 'watch', '', 'pods', '', '', ''],
    ['GET', '/api/v1/watch/namespaces/a/pods', 'watch', '', 'pods', 'a', '', ''],
    ['GET', '/api/v1/namespaces/a/pods/b/log', 'get', '', 'pods', 'a', 'b', 'log'],
    ['POST', '/apis/apps/v1/namespaces/a/deployments', 'create', 'apps', 'deployments', 'a', '', ''],
    ['PUT', '/api/v1/namespaces/a/finalize', 'update', '', 'namespaces', '', 'a', 'finalize'],
    ['GET', '/api/v1/namespaces/a', 'get', '', 'namespaces', '', 'a', ''],
    ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection', '', 'pods', 'a', '', ''],
    ['PATCH', '/api/v1/nodes/n/status', 'patch', '', 'nodes', '', 'n', 'status'],
  ] as const)('%s %s is %s', (method, url, verb, group, resource, namespace, name, subresource) => {
    expect(infoOf(method, url)).toMatchObject({
      isResourceRequest: true,
      verb,
      group,
      resource,
      namespace,
      name,
      subresource,
    });
  });

  it('finds the kind, and none where nothing is served', () => {
    expect(infoOf('GET', '/apis/apps/v1/deployments')).toMatchObject({ kind: { kind: 'Deployment' } });
    expect(infoOf('GET', '/apis/apps/v1/nothing')).toMatchObject({ kind: undefined });
  });

  it.each(['/', '/api', '/apis', '/api/v1', '/apis/apps', '/apis/apps/v1', '/healthz/ping'])(
    '%s is no resource',
    (path) => {
      expect(infoOf('GET', path)).toMatchObject({ isResourceRequest: false, verb: 'get', path });
    },
  );

  it('refuses broken percent-encoding', () => {
    expect(() => infoOf('GET', '/api/v1/pods/%zz')).toThrow(/percent-encoding/);
  });
});
