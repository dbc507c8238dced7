// An app of components: see components.ts, and components.test.ts for how they are tested.
import { labelled, namespaced } from 'kubewright';
import { scheduled, webService, worker } from './components.ts';

const queue = { QUEUE_URL: 'amqp://queue.shop.svc' };

const shop = {
  front: webService({
    name: 'front',
    image: 'ghcr.io/example/front:3.1.0',
    port: 3000,
    host: 'shop.example.com',
    replicas: [2, 10],
    cpu: '100m',
    memory: '128Mi',
    settings: { API_URL: 'http://orders' },
  }),
  orders: webService({
    name: 'orders',
    image: 'ghcr.io/example/orders:1.9.2',
    port: 8080,
    host: 'orders.shop.example.com',
    replicas: [2, 6],
    cpu: '250m',
    memory: '512Mi',
    settings: queue,
  }),
  mailer: worker({
    name: 'mailer',
    image: 'ghcr.io/example/mailer:1.2.0',
    replicas: 1,
    cpu: '50m',
    memory: '64Mi',
    settings: queue,
  }),
  invoices: scheduled({
    name: 'invoices',
    image: 'ghcr.io/example/invoices:0.8.4',
    schedule: '0 3 1 * *',
    cpu: '100m',
    memory: '256Mi',
  }),
};

export default namespaced('shop', labelled({ team: 'commerce' }, shop, { pods: true }));
