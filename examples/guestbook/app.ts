import { configMap, deployment, secret, service } from 'kubewright';

const settings = configMap({
  metadata: { name: 'guestbook' },
  data: { greeting: 'Hello from Kubewright' },
});

const credentials = secret({
  metadata: { name: 'guestbook' },
  stringData: { password: 'correct-horse-battery-staple' },
});

const web = deployment({
  metadata: { name: 'guestbook' },
  spec: {
    replicas: 3,
    template: {
      spec: {
        terminationGracePeriodSeconds: 10,
        volumes: [{ name: 'settings', configMap: settings.ref() }],
        containers: [
          {
            name: 'web',
            image: 'kubewright/guestbook:v1',
            ports: [{ name: 'http', containerPort: 8080 }],
            env: [
              { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              { name: 'GUESTBOOK_PASSWORD', valueFrom: credentials.key('password') },
            ],
            volumeMounts: [{ name: 'settings', mountPath: '/etc/guestbook', readOnly: true }],
            resources: { requests: { cpu: '20m', memory: '32Mi' }, limits: { memory: '256Mi' } },
            readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1 },
            livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, initialDelaySeconds: 5 },
          },
        ],
      },
    },
  },
});

const inside = service({
  metadata: { name: 'guestbook' },
  spec: { selector: web, ports: [{ name: 'http', port: 80, targetPort: web.port('http') }] },
});

const outside = service({
  metadata: { name: 'guestbook-public' },
  spec: {
    type: 'NodePort',
    selector: web,
    ports: [{ name: 'http', port: 80, targetPort: web.port('http'), nodePort: 30080 }],
  },
});

export default [settings, credentials, web, inside, outside];
