// One app, three environments: kubewright build app.ts --env prod --set replicas=8
import {
  configMap,
  defineEnvironments,
  deployment,
  expose,
  labelled,
  namespace,
  namespaced,
  patched,
  prefixed,
} from 'kubewright';

const environment = defineEnvironments(
  {
    dev: { replicas: 1, host: 'dev.shop.example.com', image: 'ghcr.io/example/shop:main', debug: true },
    staging: { replicas: 2, host: 'staging.shop.example.com', image: 'ghcr.io/example/shop:2.5.0-rc.1', debug: true },
    prod: { replicas: 4, host: 'shop.example.com', image: 'ghcr.io/example/shop:2.4.1', debug: false },
  },
  { default: 'dev' },
);

export default environment(async ({ replicas, host, image, debug }, name) => {
  const settings = configMap({ metadata: { name: 'shop' }, data: { LOG_LEVEL: debug ? 'debug' : 'info', HOST: host } });
  const shop = deployment({
    metadata: { name: 'shop' },
    spec: {
      replicas,
      template: {
        spec: {
          containers: [
            {
              name: 'shop',
              image,
              envFrom: [{ configMapRef: settings.ref() }],
              ports: [{ name: 'http', containerPort: 8080 }],
              resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
              readinessProbe: { httpGet: { path: '/', port: 'http' } },
            },
          ],
        },
      },
    },
  });
  // Environments that share a namespace are told apart by their names, and their pods by this label.
  const app = labelled({ environment: name }, [settings, shop, expose(shop, { ingress: { host } })], {
    selectors: true,
  });
  if (name !== 'prod') return prefixed(`${name}-`, app);
  const large = { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } };
  const resized = patched(
    app,
    { kind: 'Deployment', name: 'shop' },
    { spec: { template: { spec: { containers: [{ name: 'shop', resources: large }] } } } },
  );
  return [namespace({ metadata: { name: 'production' } }), namespaced('production', resized)];
});
