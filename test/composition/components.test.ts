import { describe, expect, it } from 'vitest';
import { Checker } from '../../src/compiler/check.ts';
import { scheduledTask, statefulDatabase, webService, worker } from '../../src/index.ts';
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

  it('do not fight the autoscaler', () => {
    expect(() => webService({ ...base, port: 80, replicas: 2, autoscale: { max: 3 } })).toThrow(
      'replicas or autoscale',
    );
  });
});
