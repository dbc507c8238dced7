// A static website whose pages and settings are files; the pods roll when one of them changes.
import { configMap, deployment, expose, fromDirectory, fromFile, withConfigHash } from 'kubewright';

const pages = configMap({ metadata: { name: 'pages' }, data: fromDirectory('./html') });
const settings = configMap({ metadata: { name: 'nginx' }, data: fromFile('./nginx.conf', { key: 'default.conf' }) });

const website = deployment({
  metadata: { name: 'website' },
  spec: {
    replicas: 2,
    template: {
      spec: {
        volumes: [
          { name: 'pages', configMap: pages.ref() },
          { name: 'settings', configMap: settings.ref() },
        ],
        containers: [
          {
            name: 'nginx',
            image: 'nginx:1.29',
            ports: [{ name: 'http', containerPort: 8080 }],
            volumeMounts: [
              { name: 'pages', mountPath: '/usr/share/nginx/html', readOnly: true },
              { name: 'settings', mountPath: '/etc/nginx/conf.d', readOnly: true },
            ],
            resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
            readinessProbe: { httpGet: { path: '/', port: 'http' } },
          },
        ],
      },
    },
  },
});

export default [
  pages,
  settings,
  withConfigHash(website, pages, settings),
  expose(website, { type: 'NodePort', ports: [{ port: 80, targetPort: 'http' }] }),
];
