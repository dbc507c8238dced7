/** The four shapes that most programs have: each is the workload and what belongs to it, and nothing that was not asked for. */
import { builderOf } from '../types/builder.ts';
import type { Input, WorkloadHandle } from '../types/builder.ts';
import type * as apps_v1 from '../types/kinds/generated/apps-v1.gen.ts';
import type * as autoscaling_v2 from '../types/kinds/generated/autoscaling-v2.gen.ts';
import type * as batch_v1 from '../types/kinds/generated/batch-v1.gen.ts';
import type * as core_v1 from '../types/kinds/generated/core-v1.gen.ts';
import type * as networking_v1 from '../types/kinds/generated/networking-v1.gen.ts';
import type * as policy_v1 from '../types/kinds/generated/policy-v1.gen.ts';
import { expose } from './expose.ts';
import type { ExposedRoute } from './expose.ts';
import { autoscale, disruptionBudget } from './scaling.ts';
import type { AutoscaleOptions, DisruptionBudgetOptions } from './scaling.ts';

type Handle = WorkloadHandle<'http'>;
const deployment = builderOf<apps_v1.Deployment, Input<apps_v1.Deployment>, Handle>('apps/v1', 'Deployment');
const statefulSet = builderOf<apps_v1.StatefulSet>('apps/v1', 'StatefulSet');
const cronJob = builderOf<batch_v1.CronJob>('batch/v1', 'CronJob');

type Container = Omit<core_v1.Container, 'name' | 'image' | 'ports'>;
type PodSpec = Omit<core_v1.PodSpec, 'containers'>;

export interface ComponentOptions {
  /** Of all objects, and of the container. */
  readonly name: string;
  readonly image: string;
  /** Everything else of the container, in the words of Kubernetes. */
  readonly container?: Container;
  /** Everything else of the pod. */
  readonly pod?: PodSpec;
}

function template(
  { name, image, container = {}, pod = {} }: ComponentOptions,
  ports: readonly core_v1.ContainerPort[],
): core_v1.PodTemplateSpec {
  const containers = [{ name, image, ...(ports.length === 0 ? {} : { ports }), ...container }];
  return { metadata: { labels: labelsOf(name) }, spec: { ...pod, containers } };
}

/** The label that the builders derive too. */
function labelsOf(name: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': name };
}

function deployed(options: ComponentOptions & { readonly replicas?: number }, ports: readonly core_v1.ContainerPort[]) {
  const { name, replicas } = options;
  return deployment({
    metadata: { name },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: labelsOf(name) },
      template: template(options, ports),
    },
  });
}

export interface WebServiceOptions extends ComponentOptions {
  /** On which the container listens; its name is `http`. */
  readonly port: number;
  /** Of the Service; without it, that of the container. */
  readonly servicePort?: number;
  readonly replicas?: number;
  readonly ingress?: ExposedRoute;
  /** Instead of `replicas`. */
  readonly autoscale?: AutoscaleOptions;
  readonly disruptionBudget?: DisruptionBudgetOptions;
}
export type WebService = {
  readonly deployment: apps_v1.Deployment & Handle;
  readonly service: core_v1.Service;
  readonly ingress?: networking_v1.Ingress;
  readonly autoscaler?: autoscaling_v2.HorizontalPodAutoscaler;
  readonly disruptionBudget?: policy_v1.PodDisruptionBudget;
};

/**
 * What answers requests: a Deployment and its Service, and as far as asked for Ingress, autoscaler and disruption budget.
 *
 * @throws Error when both `replicas` and `autoscale` are given: every apply would undo the autoscaler's work
 */
export function webService(options: WebServiceOptions): WebService {
  const { name, port, servicePort, replicas, ingress, autoscale: scaling, disruptionBudget: budget } = options;
  if (replicas !== undefined && scaling)
    throw new Error(`web service ${name}: give replicas or autoscale; with both, every apply would reset the number`);
  const made = deployed(options, [{ name: 'http', containerPort: port }]);
  const ports = [{ port: servicePort ?? port, targetPort: 'http' as const }];
  return {
    deployment: made,
    ...(ingress ? expose(made, { ports, ingress }) : expose(made, { ports })),
    ...(scaling ? { autoscaler: autoscale(made, scaling) } : {}),
    ...(budget ? { disruptionBudget: disruptionBudget(made, budget) } : {}),
  };
}

/** What works without being called: a Deployment alone. */
export function worker(options: ComponentOptions & { readonly replicas?: number }): apps_v1.Deployment {
  return deployed(options, []);
}

export interface ScheduledTaskOptions extends ComponentOptions {
  /** Five fields of cron, or `@daily` and the like. */
  readonly schedule: string;
  readonly timeZone?: string;
  readonly concurrencyPolicy?: NonNullable<batch_v1.CronJobSpec['concurrencyPolicy']>;
  /** Jobs allow only these two, and have no default. */
  readonly restartPolicy: 'Never' | 'OnFailure';
}

/** What runs at its time: a CronJob. */
export function scheduledTask(options: ScheduledTaskOptions): batch_v1.CronJob {
  const { name, schedule, timeZone, concurrencyPolicy, restartPolicy, pod } = options;
  return cronJob({
    metadata: { name },
    spec: {
      schedule,
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(concurrencyPolicy === undefined ? {} : { concurrencyPolicy }),
      jobTemplate: { spec: { template: template({ ...options, pod: { restartPolicy, ...pod } }, []) } },
    },
  });
}

export interface DatabaseOptions extends ComponentOptions {
  readonly port: number;
  readonly replicas?: number;
  /** Size of the disk that every pod has. */
  readonly storage: string;
  /** `ReadWriteOnce`, for most disks; Kubernetes has no default. */
  readonly accessMode: NonNullable<core_v1.PersistentVolumeClaimSpec['accessModes']>[number];
  readonly storageClassName?: string;
  /** Where the disk appears in the container. */
  readonly mountPath: string;
}
export type Database = { readonly statefulSet: apps_v1.StatefulSet; readonly service: core_v1.Service };

/** What keeps data: a StatefulSet with a disk for every pod, and the headless Service that gives its pods their names. */
export function statefulDatabase(options: DatabaseOptions): Database {
  const { name, port, replicas, storage, accessMode, storageClassName, mountPath, container = {} } = options;
  const volumeMounts = [{ name: 'data', mountPath }, ...(container.volumeMounts ?? [])];
  const made = statefulSet({
    metadata: { name },
    spec: {
      serviceName: name,
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: labelsOf(name) },
      template: template({ ...options, container: { ...container, volumeMounts } }, [{ containerPort: port }]),
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: [accessMode],
            ...(storageClassName === undefined ? {} : { storageClassName }),
            resources: { requests: { storage } },
          },
        },
      ],
    },
  });
  return { statefulSet: made, ...expose(made, { clusterIP: 'None' }) };
}
