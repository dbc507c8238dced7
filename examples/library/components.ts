// The components of a company: plain functions, typed like everything else.
import { autoscale, configMap, cronJob, deployment, disruptionBudget, expose, withConfigHash } from 'kubewright';

export interface Component {
  readonly name: string;
  readonly image: string;
  readonly cpu: `${number}m`;
  readonly memory: `${number}Mi`;
  readonly settings?: Readonly<Record<string, string>>;
}
export interface WebService extends Component {
  readonly port: number;
  readonly host: string;
  readonly replicas: readonly [min: number, max: number];
  readonly health?: string;
}

function resources({ cpu, memory }: Component) {
  return { requests: { cpu, memory }, limits: { memory } };
}

function settingsOf({ name, settings = {} }: Component) {
  return configMap({ metadata: { name }, data: settings });
}

/** Answers requests: Deployment, Service, Ingress, autoscaler, disruption budget, settings. */
export function webService(component: WebService) {
  const { name, image, port, host, replicas, health = '/healthz' } = component;
  const [min, max] = replicas;
  const settings = settingsOf(component);
  const web = deployment({
    metadata: { name },
    spec: {
      template: {
        spec: {
          containers: [
            {
              name,
              image,
              ports: [{ name: 'http', containerPort: port }],
              envFrom: [{ configMapRef: settings.ref() }],
              resources: resources(component),
              readinessProbe: { httpGet: { path: health, port: 'http' } },
            },
          ],
        },
      },
    },
  });
  return {
    settings,
    web: withConfigHash(web, settings),
    ...expose(web, { ports: [{ port: 80, targetPort: 'http' }], ingress: { host } }),
    scaler: autoscale(web, { min, max, cpu: 75 }),
    budget: disruptionBudget(web, { maxUnavailable: 1 }),
  };
}

/** Works through a queue: a Deployment and its settings. */
export function worker(component: Component & { readonly replicas: number }) {
  const { name, image, replicas } = component;
  const settings = settingsOf(component);
  const deployed = deployment({
    metadata: { name },
    spec: {
      replicas,
      template: {
        spec: {
          containers: [{ name, image, envFrom: [{ configMapRef: settings.ref() }], resources: resources(component) }],
        },
      },
    },
  });
  return { settings, worker: withConfigHash(deployed, settings) };
}

/** Runs at its time: a CronJob and its settings. */
export function scheduled(component: Component & { readonly schedule: string }) {
  const { name, image, schedule } = component;
  const settings = settingsOf(component);
  const task = cronJob({
    metadata: { name },
    spec: {
      schedule,
      concurrencyPolicy: 'Forbid',
      jobTemplate: {
        spec: {
          template: {
            spec: {
              restartPolicy: 'OnFailure',
              containers: [
                { name, image, envFrom: [{ configMapRef: settings.ref() }], resources: resources(component) },
              ],
            },
          },
        },
      },
    },
  });
  return { settings, task };
}
