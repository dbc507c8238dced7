// An app and its image from one folder: `kubewright up app.ts` builds the image when its files have changed, and the pods follow.
import { deployment, expose, image } from 'kubewright';

// For other clusters, give it a name in a registry: image.build('./web', { name: 'ghcr.io/you/notes' })
const built = image.build('./web', { args: { GREETING: 'Notes of today' } });

const notes = deployment({
  metadata: { name: 'notes' },
  spec: {
    replicas: 2,
    template: {
      spec: {
        terminationGracePeriodSeconds: 5,
        containers: [
          {
            name: 'web',
            image: built,
            ports: [{ name: 'http', containerPort: 8080 }],
            resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
            readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
});

export default [notes, expose(notes, { type: 'NodePort', ports: [{ port: 80, targetPort: 'http', nodePort: 30090 }] })];
