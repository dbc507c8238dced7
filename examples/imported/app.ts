import {
  configMap,
  deployment,
  horizontalPodAutoscaler,
  ingress,
  namespace,
  podDisruptionBudget,
  raw,
  role,
  roleBinding,
  secret,
  service,
  serviceAccount,
} from 'kubewright';

const labels = { app: 'shop', tier: 'web' };
const image = 'ghcr.io/example/shop:2.4.1';

// The shop, as it runs in production.
// Ask #team-shop before you change it.
const shopNamespace = namespace({ metadata: { name: 'shop' } });

const shopAccount = serviceAccount({ metadata: { name: 'shop', namespace: shopNamespace } });

const shopRole = role({
  metadata: { name: 'shop', namespace: shopNamespace },
  rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
});

const shopRoleBinding = roleBinding({
  metadata: { name: 'shop', namespace: shopNamespace },
  subjects: [shopAccount],
  roleRef: shopRole,
});

const shopConfig = configMap({
  metadata: { name: 'shop-config', namespace: shopNamespace, labels },
  data: {
    LOG_LEVEL: 'info',
    'nginx.conf': `server {
  listen 80;
  location / { return 200 "\${ok}\`\\n"; }
}
`,
  },
});

const shopSecret = secret({
  metadata: { name: 'shop-secret', namespace: shopNamespace },
  type: 'Opaque',
  stringData: { password: 'yes' },
});

const shop = deployment({
  metadata: { name: 'shop', namespace: shopNamespace, labels },
  spec: {
    replicas: 3, // one per zone
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: shopAccount,
        initContainers: [
          { name: 'migrate', image, command: ['./migrate'], envFrom: [{ secretRef: shopSecret.ref() }] },
        ],
        // The web server
        containers: [
          {
            name: 'web',
            image,
            ports: [{ name: 'http', containerPort: 8080 }],
            env: [
              { name: 'PASSWORD', valueFrom: shopSecret.key('password') },
              { name: 'LOG_LEVEL', valueFrom: shopConfig.key('LOG_LEVEL') },
            ],
            volumeMounts: [{ name: 'config', mountPath: '/etc/nginx' }],
            readinessProbe: { httpGet: { path: '/healthz', port: 'http' } },
            resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
          },
        ],
        volumes: [
          { name: 'config', configMap: { ...shopConfig.ref(), items: [{ key: 'nginx.conf', path: 'nginx.conf' }] } },
        ],
      },
    },
  },
});

const shopService = service({
  metadata: { name: 'shop', namespace: shopNamespace, labels },
  spec: { selector: shop, ports: [{ name: 'http', port: 80, targetPort: shop.port('http') }] },
});

const shopIngress = ingress({
  metadata: { name: 'shop', namespace: shopNamespace },
  spec: {
    ingressClassName: 'nginx',
    tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }],
    rules: [
      {
        host: 'shop.example.com',
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: shopService.backend('http') }] },
      },
    ],
  },
});

const shopAutoscaler = horizontalPodAutoscaler({
  metadata: { name: 'shop', namespace: shopNamespace },
  spec: {
    scaleTargetRef: shop,
    minReplicas: 3,
    maxReplicas: 10,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
  },
});

const shopDisruptionBudget = podDisruptionBudget({
  metadata: { name: 'shop', namespace: shopNamespace },
  spec: { minAvailable: 1, selector: shop },
});

const shopServiceMonitor = raw({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { name: 'shop', namespace: 'shop' },
  spec: { selector: { matchLabels: labels }, endpoints: [{ port: 'http' }] },
});

export default [
  shopNamespace,
  shopAccount,
  shopRole,
  shopRoleBinding,
  shopConfig,
  shopSecret,
  shop,
  shopService,
  shopIngress,
  shopAutoscaler,
  shopDisruptionBudget,
  shopServiceMonitor,
];
