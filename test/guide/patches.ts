import { patched, webService } from 'kubewright';

const shop = webService({ name: 'shop', image: 'ghcr.io/example/shop:2.4.1', port: 8080 });

// A strategic merge patch: containers and their variables are found by their names, null deletes.
const traced = patched(shop.deployment, {
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'shop', env: [{ name: 'TRACING', value: 'on' }] },
          { name: 'collector', image: 'ghcr.io/example/collector:0.9.0' },
        ],
      },
    },
  },
});

// A JSON patch: exact places, each of which has to be there.
const exposed = patched(shop.service, [
  { op: 'add', path: '/spec/type', value: 'NodePort' },
  { op: 'add', path: '/spec/ports/0/nodePort', value: 30080 },
]);

// A function, for what is easier said than described.
const scaled = patched(traced, (draft) => {
  if (draft.spec) draft.spec.replicas = 2 * (draft.spec.replicas ?? 1);
});

// The same for those objects of a group that fit a target.
const labelledShop = patched({ scaled, exposed }, { kind: 'Service' }, { metadata: { labels: { public: 'yes' } } });

export default labelledShop;
