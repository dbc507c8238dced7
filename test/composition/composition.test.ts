import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  autoscale,
  configDataFrom,
  configMap,
  defineEnvironments,
  deployment,
  disruptionBudget,
  expose,
  fromDirectory,
  fromFile,
  fromHelm,
  fromKustomize,
  fromYaml,
  horizontalPodAutoscaler,
  ingress,
  isolate,
  labelled,
  namespace,
  namespaced,
  patched,
  prefixed,
  raw,
  roleBinding,
  service,
  serviceAccount,
  statefulSet,
  UnmatchedPatch,
  withConfigHash,
} from '../../src/index.ts';
import { sourceOf } from '../../src/types/builder.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const settings = configMap({ metadata: { name: 'settings' }, data: { mode: 'fast' } });
const web = deployment({
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: 'web',
            image: 'nginx',
            ports: [
              { name: 'http', containerPort: 8080 },
              { name: 'dns', containerPort: 53, protocol: 'UDP' },
            ],
            env: [{ name: 'MODE', valueFrom: settings.key('mode') }],
            resources: { requests: { cpu: '100m' } },
          },
        ],
      },
    },
  },
});
const labels = { 'app.kubernetes.io/name': 'web' };

describe('expose', () => {
  it('takes ports, labels and namespace from the workload', () => {
    expect(expose(web).service).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        selector: labels,
        ports: [
          { name: 'http', port: 8080, targetPort: 'http' },
          { name: 'dns', protocol: 'UDP', port: 53, targetPort: 'dns' },
        ],
      },
    });
  });

  it('routes to the Service', () => {
    const made = expose(web, {
      name: 'shop',
      ports: [{ port: 80, targetPort: 'http' }],
      ingress: { host: 'shop.example.com', className: 'nginx', tls: 'shop-tls' },
    });
    expect(made.service.spec?.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
    expect(made.ingress).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'shop', namespace: 'shop' },
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }],
        rules: [
          {
            host: 'shop.example.com',
            http: {
              paths: [
                { path: '/', pathType: 'Prefix', backend: { service: { name: 'shop', port: { name: 'http' } } } },
              ],
            },
          },
        ],
      },
    });
  });

  it('refuses ports that are not declared', () => {
    // @ts-expect-error the workload has the ports http and dns
    expect(() => expose(web, { ports: [{ targetPort: 'htp' }] })).toThrow('no port "htp"; declared are: http, dns');
  });
});

describe('helpers for a workload', () => {
  it('scale it', () => {
    expect(autoscale(web, { min: 2, max: 9, cpu: 70 })).toEqual({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 2,
        maxReplicas: 9,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        ],
      },
    });
    expect(() => autoscale(web, { max: 3, memory: 80 })).toThrow('container web requests none');
  });

  it('guard it', () => {
    expect(disruptionBudget(web, { maxUnavailable: 1 }).spec).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: labels },
    });
    const other = patched(web, { metadata: { namespace: 'jobs' } });
    expect(isolate(web, { from: [other, { ipBlock: { cidr: '10.0.0.0/8' } }], ports: ['http'] }).spec).toEqual({
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'jobs' } },
              podSelector: { matchLabels: labels },
            },
            { ipBlock: { cidr: '10.0.0.0/8' } },
          ],
          ports: [{ port: 'http' }],
        },
      ],
    });
  });

  it('roll its pods when the configuration changes', () => {
    const hash = (workload: typeof web): unknown => workload.spec?.template.metadata?.annotations?.['checksum/config'];
    const first = withConfigHash(web, settings);
    expect(hash(first)).toMatch(/^[0-9a-f]{16}$/);
    expect(hash(withConfigHash(web, configMap({ metadata: { name: 'settings' }, data: { mode: 'slow' } })))).not.toBe(
      hash(first),
    );
    expect(first.port('http')).toBe('http');
    expect(sourceOf(first)).toEqual(sourceOf(web));
    expect(web.spec?.template.metadata?.annotations).toBeUndefined();
  });
});

describe('groups', () => {
  const account = serviceAccount({ metadata: { name: 'web' } });
  const group = {
    space: namespace({ metadata: { name: 'team' } }),
    settings,
    list: [web, account],
    binding: roleBinding({
      metadata: { name: 'web' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'web' }],
    }),
  };

  it('get a namespace, except what has none or one of its own', () => {
    const made = namespaced('team', group);
    expect(made.space.metadata).toEqual({ name: 'team' });
    expect(made.settings.metadata).toEqual({ name: 'settings', namespace: 'team' });
    expect(made.settings.key('mode')).toEqual({ configMapKeyRef: { name: 'settings', key: 'mode' } });
    expect(made.list.map(({ metadata }) => metadata.namespace)).toEqual(['shop', 'team']);
    expect(made.binding.subjects).toEqual([{ kind: 'ServiceAccount', name: 'web', namespace: 'team' }]);
  });

  it('get labels, their own first', () => {
    const made = labelled({ team: 'a', 'app.kubernetes.io/name': 'x' }, [web], { pods: true });
    expect(made[0]?.metadata.labels).toEqual({ team: 'a', 'app.kubernetes.io/name': 'x' });
    expect(made[0]?.spec?.template.metadata?.labels).toEqual({ team: 'a', 'app.kubernetes.io/name': 'web' });
    expect(made[0]?.spec?.selector).toEqual({ matchLabels: labels });
  });

  it('get a prefix wherever they name each other', async () => {
    const database = statefulSet({
      metadata: { name: 'db' },
      spec: {
        serviceName: 'db',
        template: {
          spec: {
            serviceAccountName: 'web',
            containers: [
              {
                name: 'db',
                image: 'redis',
                envFrom: [{ configMapRef: settings.ref() }, { configMapRef: { name: 'elsewhere' } }],
              },
            ],
          },
        },
      },
    });
    const routes = ingress({
      metadata: { name: 'db' },
      spec: {
        defaultBackend: { service: { name: 'db', port: { number: 80 } } },
        tls: [{ secretName: 'kept' }],
      },
    });
    const scaler = horizontalPodAutoscaler({
      metadata: { generateName: 'db-' },
      spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' } },
    });
    const front = service({ metadata: { name: 'db' }, spec: { clusterIP: 'None', selector: database } });
    const made = await prefixed('dev-', { ...group, database, routes, scaler, front });
    expect(made.space.metadata.name).toBe('team');
    expect(made.database.spec?.serviceName).toBe('dev-db');
    expect(made.database.spec?.template.spec?.serviceAccountName).toBe('dev-web');
    expect(made.database.spec?.template.spec?.containers[0]?.envFrom).toEqual([
      { configMapRef: { name: 'dev-settings' } },
      { configMapRef: { name: 'elsewhere' } },
    ]);
    expect(made.routes.spec).toEqual({
      defaultBackend: { service: { name: 'dev-db', port: { number: 80 } } },
      tls: [{ secretName: 'kept' }],
    });
    expect(made.scaler.spec?.scaleTargetRef.name).toBe('dev-db');
    expect(made.scaler.metadata.generateName).toBe('dev-db-');
    expect(made.binding.subjects?.[0]?.name).toBe('dev-web');
    // Its ConfigMap is in another namespace, so it is another one.
    expect(made.list[0]).toHaveProperty(
      'spec.template.spec.containers.0.env.0.valueFrom.configMapKeyRef.name',
      'settings',
    );
  });
});

describe('patches', () => {
  it('merge lists by their keys', () => {
    const made = patched(web, {
      spec: {
        replicas: 3,
        template: {
          spec: {
            containers: [
              { name: 'web', image: 'nginx:2', env: [{ name: 'MODE', $patch: 'delete' }], resources: null },
              { name: 'side', image: 'b' },
            ],
          },
        },
      },
    });
    expect(made.spec?.replicas).toBe(3);
    expect(made.spec?.template.spec?.containers).toEqual([
      { name: 'web', image: 'nginx:2', ports: web.spec?.template.spec?.containers[0]?.ports, env: [] },
      { name: 'side', image: 'b' },
    ]);
    expect(made.port('http')).toBe('http');
  });

  it('follow RFC 6902', () => {
    const made = patched(web, [
      { op: 'test', path: '/metadata/name', value: 'web' },
      { op: 'add', path: '/metadata/labels', value: { 'a/b': 'c' } },
      { op: 'replace', path: '/metadata/labels/a~1b', value: 'd' },
      { op: 'remove', path: '/spec/template/spec/containers/0/ports/1' },
    ]);
    expect(made.metadata.labels).toEqual({ 'a/b': 'd' });
    expect(made.spec?.template.spec?.containers[0]?.ports).toHaveLength(1);
  });

  it('may be functions', () => {
    const made = patched(web, (draft) => {
      if (draft.spec) draft.spec.replicas = 7;
    });
    expect([made.spec?.replicas, web.spec?.replicas]).toEqual([7, undefined]);
  });

  it('replace the lists of custom resources', () => {
    const widget = raw({
      apiVersion: 'a.b/v1',
      kind: 'W',
      metadata: { name: 'w' },
      list: [{ name: 'a', x: 1 }],
      other: 1,
    });
    expect(patched([widget], { kind: 'W' }, { list: [{ name: 'a' }] })).toEqual([{ ...widget, list: [{ name: 'a' }] }]);
  });

  it('must fit', () => {
    const container = { name: 'web', ports: [{ containerPort: 1, $patch: 'delete' as const }] };
    expect(() => patched(web, { spec: { template: { spec: { containers: [container] } } } })).toThrow(
      'patch of Deployment web: there is no item of spec.template.spec.containers[web].ports whose containerPort is 1',
    );
    expect(() => patched(web, { spec: { paused: null } })).toThrow('there is no spec.paused to delete');
    expect(() => patched(web, [{ op: 'remove', path: '/spec/nothing' }])).toThrow(UnmatchedPatch);
    expect(() => patched(web, [{ op: 'test', path: '/kind', value: 'Pod' }])).toThrow('/kind is not "Pod"');
    expect(() => patched([web], { name: 'wep' }, { spec: {} })).toThrow('no object fits the target {"name":"wep"}');
    expect(() => patched(web, [{ op: 'replace', path: '/kind', value: 'Pod' }])).toThrow(
      'must not change what the object is',
    );
  });
});

describe('environments', () => {
  const environment = defineEnvironments({
    dev: { replicas: 1, tls: false, host: 'a' },
    prod: { replicas: 5, tls: true, host: 'b' },
  });
  const program = environment(({ replicas, tls, host }, name) => `${name} ${replicas + 1} ${String(tls)} ${host}`);

  it('are chosen, and changed by --set', () => {
    expect(program({ name: 'prod', values: {} })).toBe('prod 6 true b');
    expect(program({ name: 'dev', values: { replicas: '4', tls: 'true', host: '5' } })).toBe('dev 5 true 5');
    expect(
      defineEnvironments({ dev: { a: 1 } }, { default: 'dev' })(({ a }) => a)({ name: undefined, values: {} }),
    ).toBe(1);
  });

  it('refuse what is not declared', () => {
    expect(() => program({ name: undefined, values: {} })).toThrow('--env dev|prod');
    expect(() => program({ name: 'test', values: {} })).toThrow(
      'there is no environment "test"; declared are: dev, prod',
    );
    expect(() => program({ name: 'dev', values: { replica: '1' } })).toThrow(
      '--set replica: there is no such parameter',
    );
    expect(() => program({ name: 'dev', values: { replicas: 'x' } })).toThrow('takes a number, not "x"');
    // @ts-expect-error prod lacks a parameter
    defineEnvironments({ dev: { a: 1 }, prod: {} });
  });
});

describe('files', () => {
  function filled(): string {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, 'b.conf'), 'b');
    writeFileSync(join(folder, 'a.conf'), 'a');
    writeFileSync(join(folder, 'binary'), Uint8Array.of(0xff, 0));
    return folder;
  }

  it('are data', () => {
    const folder = filled();
    expect(fromFile(join(folder, 'a.conf'))).toEqual({ 'a.conf': 'a' });
    expect(fromFile(join(folder, 'binary'), { key: 'x', encoding: 'base64' })).toEqual({ x: '/wA=' });
    expect(Object.entries(fromDirectory(folder, { include: /\.conf$/ }))).toEqual([
      ['a.conf', 'a'],
      ['b.conf', 'b'],
    ]);
    expect(() => fromFile(join(folder, 'binary'))).toThrow('is no text');
    expect(() => fromFile(join(folder, 'none'))).toThrow('cannot be read');
  });

  it('are data of both forms', () => {
    const folder = filled();
    expect(configDataFrom(folder)).toEqual({ data: { 'a.conf': 'a', 'b.conf': 'b' }, binaryData: { binary: '/wA=' } });
    expect(configDataFrom(join(folder, 'a.conf'))).toEqual({ data: { 'a.conf': 'a' } });
    expect(configMap({ metadata: { name: 'a' }, ...configDataFrom(folder) }).ref()).toEqual({ name: 'a' });
  });

  it('are too large together', () => {
    const folder = temporaryDirectory();
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), 'x'.repeat(400_000));
    expect(() => fromDirectory(folder)).toThrow(`the files of ${folder} have 1200000 bytes in all`);
    expect(Object.keys(fromDirectory(folder, { include: /[ab]/ }))).toEqual(['a', 'b']);
  });

  it('hold objects', async () => {
    const folder = temporaryDirectory();
    const text =
      'apiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: Secret, metadata: { name: a } }\n---\napiVersion: v1\nkind: Pod\nmetadata: {}\n';
    writeFileSync(join(folder, 'list.yaml'), text);
    expect((await fromYaml(folder)).map(({ kind }) => kind)).toEqual(['Secret', 'Pod']);
    writeFileSync(join(folder, 'list.yaml'), 'a: b\n');
    await expect(fromYaml(folder)).rejects.toThrow('list.yaml:1: a document is no object of the API');
    writeFileSync(join(folder, 'list.yaml'), 'a: [b\n');
    await expect(fromYaml(folder)).rejects.toThrow(/list\.yaml:\d+:\d+: /);
  });

  it('come through the programs of the user', async () => {
    const folder = temporaryDirectory();
    const helm = join(folder, 'helm');
    writeFileSync(
      helm,
      [
        '#!/bin/sh',
        'values=$(cat)',
        `printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"},"data":%s}' "$2" "$values"`,
        '',
      ].join('\n'),
    );
    chmodSync(helm, 0o755);
    expect(await fromHelm('oci://example.com/charts/redis', { helm, values: { a: 'b' } })).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'redis' }, data: { a: 'b' } },
    ]);
    await expect(fromHelm('chart', { helm: join(folder, 'none') })).rejects.toThrow('install Helm');
    await expect(fromKustomize(folder, { kubectl: join(folder, 'none') })).rejects.toThrow('install kubectl');
    const kustomization = join(folder, 'kustomization');
    mkdirSync(kustomization);
    const kubectl = join(folder, 'kubectl');
    writeFileSync(kubectl, '#!/bin/sh\necho "no kustomization in $2" >&2\nexit 1\n');
    chmodSync(kubectl, 0o755);
    await expect(fromKustomize(kustomization, { kubectl })).rejects.toThrow(`no kustomization in ${kustomization}`);
  });
});

describe('common labels in selectors', () => {
  const pods = { matchLabels: { app: 'x' } };
  const workload = statefulSet({
    metadata: { name: 'x' },
    spec: {
      serviceName: 'x',
      selector: pods,
      template: {
        metadata: { labels: { app: 'x', tier: 'own' } },
        spec: {
          containers: [{ name: 'x', image: 'x:1' }],
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: pods },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'd' },
          spec: { accessModes: ['ReadWriteOnce'], selector: pods, resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  });
  const group = [
    workload,
    service({ metadata: { name: 'x' }, spec: { selector: { app: 'x' }, ports: [{ port: 80 }] } }),
    service({ metadata: { name: 'y' }, spec: { selector: { app: 'elsewhere' }, ports: [{ port: 80 }] } }),
    isolate(workload, {
      from: [{ podSelector: pods }, { podSelector: {} }, { podSelector: { matchLabels: { app: 'z' } } }],
    }),
    disruptionBudget(workload, { maxUnavailable: 1 }),
  ] as const;

  it('follow the pods of the group, and nothing else', () => {
    const [made, own, other, policy, budget] = labelled({ env: 'dev', tier: 'common' }, group, { selectors: true });
    const extended = { env: 'dev', app: 'x' };
    expect(made.spec?.selector).toEqual({ matchLabels: extended });
    expect(made.spec?.template.metadata?.labels).toEqual({ env: 'dev', app: 'x', tier: 'own' });
    expect(made.spec?.template.spec?.topologySpreadConstraints?.[0]?.labelSelector).toEqual({ matchLabels: extended });
    expect(made.spec?.volumeClaimTemplates?.[0]?.spec?.selector).toEqual(pods);
    expect(Object.keys(made.spec ?? {})).toEqual(Object.keys(workload.spec ?? {}));
    expect(own.spec?.selector).toEqual(extended);
    expect(other.spec?.selector).toEqual({ app: 'elsewhere' });
    expect(policy.spec?.podSelector).toEqual({ matchLabels: extended });
    expect(policy.spec?.ingress?.[0]?.from).toEqual([
      { podSelector: { matchLabels: extended } },
      { podSelector: {} },
      { podSelector: { matchLabels: { app: 'z' } } },
    ]);
    expect(budget.spec?.selector).toEqual({ matchLabels: extended });
  });
});
