import { describe, expect, it } from 'vitest';
import {
  clusterRole,
  configMap,
  defineEnvironments,
  deployment,
  isolate,
  labelled,
  list,
  namespace,
  namespaced,
  patched,
  persistentVolume,
  persistentVolumeClaim,
  prefixed,
  raw,
  role,
} from '../../src/index.ts';

const settings = configMap({ metadata: { name: 'settings' }, data: { a: '1' } });
const containers = [{ name: 'web', image: 'web:1', envFrom: [{ configMapRef: { name: 'settings' } }] }];
const web = deployment({ metadata: { name: 'web' }, spec: { template: { spec: { containers } } } });

describe('lists', () => {
  it('are their items, for everything that changes groups', async () => {
    const lists = [
      list({ items: [settings, web] }),
      raw({ apiVersion: 'v1', kind: 'List', items: [{ ...settings, metadata: { name: 'raw' } }] }),
    ];
    const made = await prefixed('dev-', namespaced('shop', labelled({ team: 'a' }, lists)));
    const patchedLists = patched(made, { kind: 'ConfigMap', name: 'dev-settings' }, { data: { b: '2' } });
    expect(patchedLists).toMatchObject([
      {
        kind: 'List',
        metadata: {},
        items: [
          { metadata: { name: 'dev-settings', namespace: 'shop', labels: { team: 'a' } }, data: { a: '1', b: '2' } },
          { spec: { template: { spec: { containers: [{ envFrom: [{ configMapRef: { name: 'dev-settings' } }] }] } } } },
        ],
      },
      { items: [{ metadata: { name: 'dev-raw', namespace: 'shop' } }] },
    ]);
    expect(patchedLists[0]?.metadata).toEqual({});
  });

  it('of one kind say for their items what those are', () => {
    const typed = raw({ apiVersion: 'v1', kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }] });
    expect(namespaced('shop', typed)).toMatchObject({
      items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop' } }],
    });
  });
});

describe('groups', () => {
  it('are put into a Namespace as it was built', () => {
    const shop = namespace({ metadata: { name: 'shop' } });
    const [space, moved] = namespaced(shop, [shop, settings] as const);
    expect([space.metadata.namespace, moved.metadata.namespace]).toEqual([undefined, 'shop']);
    expect(moved.key('a').configMapKeyRef.key).toBe('a');
  });

  it('may have gaps, and leave alone what is no object', () => {
    const promise = Promise.resolve(settings);
    const shapeless = { apiVersion: 'v1', kind: 'ConfigMap' };
    const odd: object = { promise, shapeless, gap: [false, null, undefined] };
    expect(namespaced('x', odd)).toEqual(odd);
    expect(Reflect.get(namespaced('x', odd), 'promise')).toBe(promise);
    // @ts-expect-error what is not awaited has no objects yet
    expect(namespaced('x', promise)).toBe(promise);
  });

  it('keep their names together in rules, volumes and references of any type', async () => {
    const claim = persistentVolumeClaim({
      metadata: { name: 'data', namespace: 'shop' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        dataSource: { kind: 'PersistentVolumeClaim', name: 'data' },
        resources: { requests: { storage: '1Gi' } },
      },
    });
    const disk = persistentVolume({
      metadata: { name: 'disk' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        claimRef: { namespace: 'shop', name: 'data' },
        hostPath: { path: '/data' },
      },
    });
    const rules = [
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['settings', 'other'], verbs: ['get'] },
    ];
    const made = await prefixed('dev-', {
      claim,
      disk,
      settings,
      own: role({ metadata: { name: 'own' }, rules }),
      all: clusterRole({ metadata: { name: 'all' }, rules }),
      elsewhere: role({ metadata: { name: 'own', namespace: 'elsewhere' }, rules }),
    });
    expect(made.disk.spec?.claimRef?.name).toBe('dev-data');
    expect(made.claim.spec?.dataSource?.name).toBe('dev-data');
    expect(made.own.rules?.[0]?.resourceNames).toEqual(['dev-settings', 'other']);
    expect(made.all.rules?.[0]?.resourceNames).toEqual(['dev-settings', 'other']);
    expect(made.elsewhere.rules?.[0]?.resourceNames).toEqual(['settings', 'other']);
  });
});

describe('strategic merge patches', () => {
  const two = deployment({
    metadata: { name: 'two' },
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'a', image: 'a:1', env: [{ name: 'A', value: '1' }] },
            { name: 'b', image: 'b:1' },
          ],
        },
      },
    },
  });
  const containersOf = (patch: object): unknown =>
    patched([two], { kind: 'Deployment' }, { spec: { template: { spec: patch } } })[0]?.spec?.template.spec?.containers;

  it('replace one item by its key, or without a key the list', () => {
    expect(containersOf({ containers: [{ name: 'a', $patch: 'replace', image: 'a:2' }] })).toEqual([
      { name: 'a', image: 'a:2' },
      { name: 'b', image: 'b:1' },
    ]);
    const list = [{ $patch: 'replace' }, { name: 'c', image: 'c:1' }, { name: 'b', $patch: 'delete' }];
    expect(containersOf({ containers: list })).toEqual([{ name: 'c', image: 'c:1' }]);
  });

  it('leave no directive in what is new, and order what they name', () => {
    const dnsConfig = {
      options: [
        { name: 'ndots', value: '1' },
        { name: 'debug', $patch: 'delete' },
      ],
    };
    const patch = { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], dnsConfig };
    expect(containersOf(patch)).toMatchObject([{ name: 'b' }, { name: 'a' }]);
    const made = patched([two], { name: 'two' }, { spec: { template: { spec: patch } } })[0];
    expect(made?.spec?.template.spec?.dnsConfig).toEqual({ options: [{ name: 'ndots', value: '1' }] });
  });

  it('may put any field into what is of no known kind', () => {
    const thing = raw({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 't' }, spec: { size: 1 } });
    expect(patched(thing, { spec: { colour: { $ref: 'red' } } }).spec).toEqual({ size: 1, colour: { $ref: 'red' } });
  });
});

describe('environments', () => {
  const environment = defineEnvironments(
    {
      dev: { size: 'small', hosts: ['a'], limits: { cpu: '1' } },
      prod: { size: 'large', hosts: ['b', 'c'], limits: { cpu: '2' } },
    },
    { default: 'dev', choices: { size: ['small', 'large'] } },
  );
  const program = environment(({ size, hosts, limits }) => {
    const chosen: 'small' | 'large' = size;
    return `${chosen} ${hosts.map((host) => host.toUpperCase()).join()} ${limits.cpu}`;
  });
  const run = (values: Readonly<Record<string, string>>, name?: string): string => program({ name, values });

  it('have lists, objects and choices', () => {
    expect(run({}, 'prod')).toBe('large B,C 2');
    expect(run({ size: 'large', hosts: '["x","y"]', 'limits.cpu': '4' })).toBe('large X,Y 4');
    expect(() => run({ size: 'medium' })).toThrow('the parameter size is "medium"; it may be "small" or "large"');
    expect(() => run({ hosts: 'x' })).toThrow('--set hosts: takes a list as JSON, such as ["a","b"], not "x"');
    expect(() => run({ hosts: '[1]' })).toThrow('takes a list');
    expect(() => run({ 'limits.gpu': '1' })).toThrow('--set limits.gpu: there is no such parameter; declared are: cpu');
    expect(() => run({ 'hosts.a': '1' })).toThrow('there is no such parameter');
  });
});

describe('isolation', () => {
  const dns = deployment({
    metadata: { name: 'dns' },
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: 'dns',
              image: 'dns:1',
              ports: [
                { name: 'dns', containerPort: 53, protocol: 'UDP' },
                { name: 'metrics', containerPort: 9153 },
              ],
            },
          ],
        },
      },
    },
  });

  it('restricts ports for everybody, with their protocols', () => {
    expect(isolate(dns, { ports: ['dns', 9153] }).spec).toMatchObject({
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ protocol: 'UDP', port: 'dns' }, { port: 9153 }] }],
    });
    expect(isolate(dns, { from: [], ports: ['dns'] }).spec).not.toHaveProperty('ingress');
    expect(isolate(dns, { to: [] }).spec?.policyTypes).toEqual(['Ingress', 'Egress']);
  });
});
