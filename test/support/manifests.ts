/** Manifests that several end-to-end tests apply. */
import { NODE_IMAGE } from '../../scripts/images-recipes.ts';

/** A web server that answers with its hostname and says so when it is up. */
export const SERVE_HOSTNAME = `require('http').createServer((q, s) => s.end(process.env.HOSTNAME)).listen(8080); console.log('up'); process.on('SIGTERM', () => process.exit(0))`;

/** A ConfigMap, a Deployment and a Service of it. */
export function webManifest(replicas = 2, greeting = 'hello'): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { greeting } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', labels: { app: 'web' } },
        spec: {
          replicas,
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: {
              terminationGracePeriodSeconds: 1,
              containers: [
                {
                  name: 'web',
                  image: NODE_IMAGE,
                  command: ['node', '-e', SERVE_HOSTNAME],
                  ports: [{ name: 'http', containerPort: 8080 }],
                  readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
                  resources: { requests: { cpu: '10m' } },
                },
              ],
            },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
      },
    ],
  });
}
