import { configMap, deployment, expose, labelled, prefixed } from 'kubewright';

function app(image: string) {
  const settings = configMap({ metadata: { name: 'web' }, data: { MODE: 'fast' } });
  const web = deployment({
    metadata: { name: 'web' },
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: 'web',
              image,
              envFrom: [{ configMapRef: settings.ref() }],
              ports: [{ name: 'http', containerPort: 8080 }],
            },
          ],
        },
      },
    },
  });
  return { settings, web, ...expose(web) };
}

const stable = app('ghcr.io/example/web:1.4.0');
const next = app('ghcr.io/example/web:1.5.0-rc.1');

export default [
  labelled({ track: 'stable' }, stable, { selectors: true }),
  labelled({ track: 'next' }, await prefixed('next-', next), { selectors: true }),
];
