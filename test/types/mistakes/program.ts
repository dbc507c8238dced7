/** A program without a mistake: an application with all that it stands on. Each mistake changes one place of it. */
export const program = `import * as k from 'kubewright';
const shop = k.namespace({ metadata: { name: 'shop' } });
const settings = k.configMap({ metadata: { name: 'settings', namespace: shop }, data: { 'app.conf': 'greeting=hello' } });
const login = k.secret({ metadata: { name: 'login', namespace: shop }, stringData: { password: 'swordfish' } });
const registry = k.secret({ metadata: { name: 'registry', namespace: shop }, type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{"auths":{}}' } });
const account = k.serviceAccount({ metadata: { name: 'web', namespace: shop }, imagePullSecrets: [registry] });
const reader = k.role({ metadata: { name: 'reader', namespace: shop }, rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }] });
const grant = k.roleBinding({ metadata: { name: 'web-reads', namespace: shop }, roleRef: reader, subjects: [account] });
const health = k.clusterRole({ metadata: { name: 'health' }, rules: [{ nonResourceURLs: ['/healthz'], verbs: ['get'] }] });
const anyone = k.clusterRoleBinding({ metadata: { name: 'health' }, roleRef: health, subjects: [account] });
const urgent = k.priorityClass({ metadata: { name: 'urgent' }, value: 1000 });
const fast = k.storageClass({ metadata: { name: 'fast' }, provisioner: 'example.com/fast' });
const uploads = k.persistentVolumeClaim({ metadata: { name: 'uploads', namespace: shop }, spec: { storageClassName: fast, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } });
const web = k.deployment({
  metadata: { name: 'web', namespace: shop },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        serviceAccountName: account,
        priorityClassName: urgent,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        hostAliases: [{ ip: '10.0.0.7', hostnames: ['old.example.com'] }],
        volumes: [
          { name: 'conf', configMap: { name: settings } },
          { name: 'uploads', persistentVolumeClaim: { claimName: uploads } },
          { name: 'cache', emptyDir: { sizeLimit: '500Mi' } },
          { name: 'both', projected: { sources: [{ secret: { name: login } }] } },
        ],
        initContainers: [{ name: 'prepare', image: 'example.com/prepare:1.0', volumeMounts: [{ name: 'cache', mountPath: '/cache' }] }],
        containers: [{
          name: 'web', image: 'example.com/web:1.0', imagePullPolicy: 'IfNotPresent',
          ports: [{ name: 'http', containerPort: 8080 }],
          env: [
            { name: 'MODE', value: 'production' },
            { name: 'CONF', valueFrom: { configMapKeyRef: { name: settings, key: 'app.conf' } } },
            { name: 'PASSWORD', valueFrom: login.key('password') },
          ],
          envFrom: [{ secretRef: { name: login } }],
          volumeMounts: [{ name: 'conf', mountPath: '/etc/web' }, { name: 'uploads', mountPath: '/uploads' }],
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
          readinessProbe: { httpGet: { path: '/', port: 'http' } },
          livenessProbe: { tcpSocket: { port: 8080 } },
          lifecycle: { preStop: { httpGet: { path: '/stop', port: 'http' } } },
        }],
      },
    },
  },
});
const entry = k.service({ metadata: { name: 'web', namespace: shop }, spec: { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'], selector: web, ports: [{ name: 'http', port: 80, targetPort: 'http' }] } });
const route = k.ingress({ metadata: { name: 'web', namespace: shop }, spec: { ingressClassName: 'nginx', tls: [{ hosts: ['tls.example.com'], secretName: 'certificate' }], rules: [{ host: 'shop.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: entry, port: { name: 'http' } } } }] } }] } });
const scaler = k.horizontalPodAutoscaler({ metadata: { name: 'web', namespace: shop }, spec: { scaleTargetRef: web, minReplicas: 2, maxReplicas: 5, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }] } });
const budget = k.podDisruptionBudget({ metadata: { name: 'web', namespace: shop }, spec: { selector: web, maxUnavailable: '50%' } });
const fence = k.networkPolicy({ metadata: { name: 'web', namespace: shop }, spec: { podSelector: web, policyTypes: ['Ingress'], ingress: [{ from: [{ namespaceSelector: shop }, { ipBlock: { cidr: '10.0.0.0/8' } }] }] } });
const headless = k.service({ metadata: { name: 'db', namespace: shop }, spec: { clusterIP: 'None', selector: { app: 'db' }, ports: [{ name: 'sql', port: 5432 }] } });
const database = k.statefulSet({
  metadata: { name: 'db', namespace: shop },
  spec: {
    serviceName: headless,
    selector: { matchLabels: { app: 'db' } },
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } } }],
    template: {
      metadata: { labels: { app: 'db' } },
      spec: { containers: [{ name: 'db', image: 'example.com/db:1.0', ports: [{ name: 'sql', containerPort: 5432 }], volumeMounts: [{ name: 'data', mountPath: '/data' }], startupProbe: { tcpSocket: { port: 'sql' } } }] },
    },
  },
});
const nightly = k.cronJob({ metadata: { name: 'nightly', namespace: shop }, spec: { schedule: '0 3 * * *', concurrencyPolicy: 'Forbid', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'backup', image: 'example.com/backup:1.0' }] } } } } } });
const disk = k.persistentVolume({ metadata: { name: 'disk' }, spec: { storageClassName: 'manual', capacity: { storage: '5Gi' }, accessModes: ['ReadWriteMany'], persistentVolumeReclaimPolicy: 'Retain', nfs: { server: 'files.example.com', path: '/shop' } } });
const agent = k.daemonSet({
  metadata: { name: 'agent', namespace: shop },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: { hostname: 'agent', dnsPolicy: 'None', dnsConfig: { nameservers: ['10.0.0.10'] }, containers: [{ name: 'agent', image: 'example.com/agent:1.0', command: ['agent'], args: ['--verbose'] }] },
    },
  },
});
const check = k.validatingWebhookConfiguration({ metadata: { name: 'check' }, webhooks: [{ name: 'check.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'], clientConfig: { service: { name: entry, namespace: 'shop', path: '/check' } } }] });
export default [shop, settings, login, registry, account, reader, grant, health, anyone, urgent, fast, uploads, web, entry, route, scaler, budget, fence, headless, database, nightly, disk, agent, check];
`;
