import { describe, expect, it } from 'vitest';
import { defaultFlowSchemas, defaultPriorityLevels } from '../../../src/runtime/bootstrap/flow-control.ts';
import { inMatchingOrder, matches } from '../../../src/runtime/apiserver/flow-control/flow-matching.ts';
import type { UserInfo } from '../../../src/runtime/apiserver/request.ts';
import { requestInfo } from '../../../src/runtime/apiserver/request-info.ts';
import { FlowSchema } from '../../../src/types/kinds/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../../src/types/kinds/flowcontrol/priority-level-configuration.ts';
import { builtInKinds } from '../../../src/types/kinds/index.ts';
import { Registry } from '../../../src/types/registry.ts';
import { validateObject } from '../../../src/types/validation/validate-object.ts';
import { masters, startTestServer } from '../../support/api-server.ts';

const registry = new Registry(builtInKinds);
const account = (namespace: string, name: string): UserInfo => ({
  username: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', 'system:authenticated'],
});
const node: UserInfo = { username: 'system:node:n', groups: ['system:nodes', 'system:authenticated'] };
const anonymous: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

function schemaOf(method: 'GET' | 'PUT' | 'POST', path: string, user: UserInfo): string | undefined {
  const info = requestInfo({ method, path, query: new URLSearchParams() }, registry);
  return inMatchingOrder(defaultFlowSchemas).find((schema) => matches(schema, info, user))?.metadata.name;
}

describe('the default flow schemas', () => {
  it.each([
    ['exempt', 'GET', '/api/v1/pods', masters],
    ['probes', 'GET', '/livez', anonymous],
    ['global-default', 'GET', '/livez/ping', anonymous],
    ['system-node-high', 'PUT', '/api/v1/nodes/n/status', node],
    ['system-node-high', 'PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n', node],
    ['system-nodes', 'GET', '/api/v1/pods', node],
    [
      'system-leader-election',
      'PUT',
      '/apis/coordination.k8s.io/v1/namespaces/a/leases/b',
      account('kube-system', 'x'),
    ],
    ['endpoint-controller', 'POST', '/api/v1/namespaces/a/endpoints', account('kube-system', 'endpoint-controller')],
    ['kube-system-service-accounts', 'GET', '/api/v1/pods', account('kube-system', 'x')],
    ['service-accounts', 'GET', '/api/v1/pods', account('default', 'x')],
    ['global-default', 'GET', '/api/v1/pods', anonymous],
  ] as const)('%s takes %s %s', (name, method, path, user) => {
    expect(schemaOf(method, path, user)).toBe(name);
  });

  it('keep to the rules of their kinds, and lead to levels that exist', () => {
    for (const schema of defaultFlowSchemas)
      expect(validateObject(FlowSchema, schema, { operation: 'create' }), schema.metadata.name).toEqual([]);
    for (const level of defaultPriorityLevels)
      expect(validateObject(PriorityLevelConfiguration, level, { operation: 'create' }), level.metadata.name).toEqual(
        [],
      );
    const levels = new Set(defaultPriorityLevels.map(({ metadata }) => metadata.name));
    for (const { spec } of defaultFlowSchemas) expect(levels).toContain(spec?.priorityLevelConfiguration?.name);
  });
});

describe('every answer', () => {
  it('names the schema and the level of its request', async () => {
    await using server = await startTestServer();
    const root = '/apis/flowcontrol.apiserver.k8s.io/v1';
    expect((await server.send('GET', '/version')).headers['x-kubernetes-pf-flowschema-uid']).toBeUndefined();
    const level = await server.send('POST', `${root}/prioritylevelconfigurations`, {
      body: { metadata: { name: 'l' }, spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } },
    });
    const schema = await server.send('POST', `${root}/flowschemas`, {
      body: {
        metadata: { name: 's' },
        spec: {
          priorityLevelConfiguration: { name: 'l' },
          rules: [
            {
              subjects: [{ kind: 'User', user: { name: 'noxu' } }],
              nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
            },
          ],
        },
      },
    });
    expect(schema.json['message']).toBeUndefined();
    const headers = { 'impersonate-user': 'noxu', 'impersonate-group': 'system:authenticated' };
    expect((await server.send('GET', '/version', { headers })).headers).toMatchObject({
      'x-kubernetes-pf-flowschema-uid': Object(schema.json['metadata']).uid,
      'x-kubernetes-pf-prioritylevel-uid': Object(level.json['metadata']).uid,
    });
    expect((await server.send('GET', '/version')).headers['x-kubernetes-pf-flowschema-uid']).toBeUndefined();
  });
});
