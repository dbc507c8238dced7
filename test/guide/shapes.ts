import { namespace, namespaced, scheduledTask, statefulDatabase, webService, worker } from 'kubewright';

const size = { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } } as const;

const shop = webService({
  name: 'shop',
  image: 'ghcr.io/example/shop:2.4.1',
  port: 8080,
  servicePort: 80,
  container: { resources: size, readinessProbe: { httpGet: { path: '/healthz', port: 'http' } } },
  ingress: { host: 'shop.example.com' },
  autoscale: { min: 2, max: 10, cpu: 70 },
  disruptionBudget: { maxUnavailable: 1 },
});

const mailer = worker({ name: 'mailer', image: 'ghcr.io/example/mailer:1.2.0', container: { resources: size } });

const invoices = scheduledTask({
  name: 'invoices',
  image: 'ghcr.io/example/invoices:0.8.4',
  schedule: '0 3 1 * *',
  restartPolicy: 'OnFailure',
  container: { resources: size },
});

const database = statefulDatabase({
  name: 'orders',
  image: 'postgres:17',
  port: 5432,
  storage: '20Gi',
  accessMode: 'ReadWriteOnce',
  mountPath: '/var/lib/postgresql/data',
  container: { resources: size },
});

export default [namespace({ metadata: { name: 'shop' } }), namespaced('shop', { shop, mailer, invoices, database })];
