import { describe, expect, it } from 'vitest';
import { Checker } from '../../src/compiler/check.ts';
import {
  configMap,
  disruptionBudget,
  expose,
  isolate,
  scheduledTask,
  serviceAccount,
  statefulDatabase,
  webService,
  worker,
} from '../../src/index.ts';
import { builtInKinds } from '../../src/types/kinds/index.ts';
import { Registry } from '../../src/types/registry.ts';

const base = { name: 'a', image: 'a:1', container: { resources: { requests: { cpu: '10m' } } } };
const service = webService({
  ...base,
  port: 8080,
  servicePort: 80,
  ingress: { host: 'a.example.com' },
  autoscale: { max: 3, cpu: 80 },
  disruptionBudget: { maxUnavailable: 1 },
});
const database = statefulDatabase({
  ...base,
  name: 'db',
  port: 5432,
  storage: '1Gi',
  accessMode: 'ReadWriteOnce',
  mountPath: '/data',
});
const task = scheduledTask({ ...base, name: 'task', schedule: '@daily', restartPolicy: 'Never' });

describe('components', () => {
  it('hold what Kubernetes asks for', () => {
    const checker = new Checker(new Registry(builtInKinds));
    const objects = [...Object.values(service), ...Object.values(database), task, worker({ ...base, name: 'w' })];
    expect(objects).toHaveLength(9);
    for (const object of objects)
      expect(checker.check({ ...object, metadata: object.metadata }, () => '').findings).toEqual([]);
  });

  it('say nothing that was not asked for', () => {
    expect(worker({ name: 'w', image: 'w:1' })).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'w' },
      spec: {
        selector: { matchLabels: { 'app.kubernetes.io/name': 'w' } },
        template: {
          metadata: { labels: { 'app.kubernetes.io/name': 'w' } },
          spec: { containers: [{ name: 'w', image: 'w:1' }] },
        },
      },
    });
    expect(Object.keys(webService({ name: 'a', image: 'a:1', port: 80 }))).toEqual(['deployment', 'service']);
    expect(service.service.spec?.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
    expect(service.deployment.port('http')).toBe('http');
    expect(database.service.spec?.clusterIP).toBe('None');
  });

  it('take everything else in the words of Kubernetes, and built objects in place of names', () => {
    const settings = configMap({ metadata: { name: 'settings' }, data: { mode: 'a' } });
    const account = serviceAccount({ metadata: { name: 'web' } });
    const made = webService({
      name: 'web',
      image: 'web:1',
      port: 80,
      ports: [{ name: 'metrics', containerPort: 9090 }],
      metadata: { namespace: 'shop', annotations: { owner: 'us' } },
      podMetadata: { labels: { tier: 'front' }, annotations: { scrape: 'yes' } },
      spec: { revisionHistoryLimit: 2 },
      pod: { serviceAccountName: account, volumes: [{ name: 'settings', configMap: { name: settings } }] },
      container: { env: [{ name: 'MODE', valueFrom: settings.key('mode') }] },
      sidecars: [{ name: 'proxy', image: 'proxy:1' }],
    });
    expect(made.deployment).toMatchObject({
      metadata: { name: 'web', namespace: 'shop', annotations: { owner: 'us' } },
      spec: {
        revisionHistoryLimit: 2,
        template: {
          metadata: { labels: { 'app.kubernetes.io/name': 'web', tier: 'front' }, annotations: { scrape: 'yes' } },
          spec: {
            serviceAccountName: 'web',
            volumes: [{ name: 'settings', configMap: { name: 'settings' } }],
            containers: [{ ports: [{ name: 'http' }, { name: 'metrics' }] }, { name: 'proxy' }],
          },
        },
      },
    });
    // Only what the Service is for.
    expect(made.service.spec?.ports).toHaveLength(1);
    expect(made.service.metadata.namespace).toBe('shop');
    expect(made.deployment.port('metrics')).toBe('metrics');
    expect(made.service.backend('http')).toEqual({ service: { name: 'web', port: { name: 'http' } } });
    const nightly = scheduledTask({
      ...base,
      schedule: '@daily',
      restartPolicy: 'Never',
      spec: { suspend: true },
      job: { backoffLimit: 1 },
    });
    expect(nightly.spec).toMatchObject({ suspend: true, jobTemplate: { spec: { backoffLimit: 1 } } });
    // Nothing selects the pods of a job.
    expect(nightly.spec?.jobTemplate.spec?.template).not.toHaveProperty('metadata');
  });

  it('refuse options that they do not know', () => {
    const misspelt = { replica: 3 };
    expect(() => webService({ name: 'a', image: 'a:1', port: 80, ...misspelt })).toThrow(
      'webService has no option "replica"; it has: name, image, container,',
    );
    const { deployment } = service;
    for (const helper of [expose, disruptionBudget, isolate])
      expect(() => Reflect.apply(helper, undefined, [deployment, misspelt])).toThrow('has no option "replica"');
    expect(() => Reflect.apply(expose, undefined, [deployment, { ingress: { hosts: [] } }])).toThrow(
      'ingress has no option "hosts"',
    );
  });

  it('do not fight the autoscaler', () => {
    expect(() => webService({ ...base, port: 80, replicas: 2, autoscale: { max: 3 } })).toThrow(
      'replicas or autoscale',
    );
  });
});
