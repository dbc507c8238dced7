// An API that scales with its load, behind an Ingress, reachable by nobody else.
import { autoscale, deployment, disruptionBudget, expose, isolate, namespaced, namespace } from 'kubewright';

const shop = namespace({ metadata: { name: 'shop' } });

// No replicas: the autoscaler owns them.
const api = deployment({
  metadata: { name: 'api' },
  spec: {
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      spec: {
        terminationGracePeriodSeconds: 30,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'kubernetes.io/hostname',
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'api' } },
          },
        ],
        containers: [
          {
            name: 'api',
            image: 'ghcr.io/example/shop-api:2.4.1',
            ports: [
              { name: 'http', containerPort: 8080 },
              { name: 'metrics', containerPort: 9090 },
            ],
            resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '512Mi' } },
            readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 },
            livenessProbe: { httpGet: { path: '/alive', port: 'http' }, initialDelaySeconds: 10 },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
  },
});

const exposed = expose(api, {
  ports: [{ port: 80, targetPort: 'http' }],
  ingress: { host: 'api.shop.example.com', className: 'nginx', tls: 'api-tls' },
});

const controller = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } };

export default [
  shop,
  namespaced('shop', [
    api,
    exposed,
    autoscale(api, { min: 3, max: 20, cpu: 70 }),
    disruptionBudget(api, { maxUnavailable: 1 }),
    isolate(api, { from: [controller], ports: ['http'] }),
  ]),
];
