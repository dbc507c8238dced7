/** The four shapes that most programs have: each is the workload and what belongs to it, and nothing that was not asked for. */
import { builderOf } from '../types/builder.ts';
import type { ServiceHandle, WorkloadHandle } from '../types/builder.ts';
import type { Reference } from '../types/builder/input-types.ts';
import type { QuantityLiteral, ScheduleLiteral } from '../types/builder/literal-types.ts';
import type * as apps_v1 from '../types/kinds/generated/apps-v1.gen.ts';
import type * as autoscaling_v2 from '../types/kinds/generated/autoscaling-v2.gen.ts';
import type * as batch_v1 from '../types/kinds/generated/batch-v1.gen.ts';
import type * as core_v1 from '../types/kinds/generated/core-v1.gen.ts';
import type * as networking_v1 from '../types/kinds/generated/networking-v1.gen.ts';
import type * as policy_v1 from '../types/kinds/generated/policy-v1.gen.ts';
import { componentOptions, labelsOf, podTemplate } from './component-options.ts';
import type { ComponentOptions } from './component-options.ts';
import { expose } from './expose.ts';
import type { ExposedRoute } from './expose.ts';
import { requireOptions } from './options.ts';
import { autoscale, disruptionBudget } from './scaling.ts';
import type { AutoscaleOptions, DisruptionBudgetOptions } from './scaling.ts';

type DeploymentWith<Port extends string> = apps_v1.Deployment & WorkloadHandle<Port>;
type StatefulSetWith<Port extends string> = apps_v1.StatefulSet & WorkloadHandle<Port>;
const deployment = builderOf<apps_v1.Deployment, apps_v1.DeploymentInput, WorkloadHandle<string>>(
  'apps/v1',
  'Deployment',
);
const statefulSet = builderOf<apps_v1.StatefulSet, apps_v1.StatefulSetInput, WorkloadHandle<string>>(
  'apps/v1',
  'StatefulSet',
);
const cronJob = builderOf<batch_v1.CronJob, batch_v1.CronJobInput>('batch/v1', 'CronJob');

type DeploymentSpec = Omit<apps_v1.DeploymentSpecInput, 'replicas' | 'selector' | 'template'>;

interface Deployed {
  readonly replicas?: number | undefined;
  /** Everything else of the Deployment. */
  readonly spec?: DeploymentSpec | undefined;
}

function deployed(options: ComponentOptions & Deployed, ports: readonly core_v1.ContainerPort[]) {
  const { name, replicas, metadata, spec } = options;
  return deployment({
    metadata: { name, ...metadata },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      ...spec,
      selector: { matchLabels: labelsOf(name) },
      template: podTemplate(options, ports, labelsOf(name)),
    },
  });
}

export interface WebServiceOptions<
  Port extends string = string,
  Probed extends string = string,
  Volume extends string = string,
  Mounted extends string = string,
  Amount extends string = string,
>
  extends ComponentOptions<'http', never, Port, Probed, Volume, Mounted, Amount>, Deployed {
  /** On which the container listens; its name is `http`. */
  readonly port: number;
  /** Of the Service; without it, that of the container. */
  readonly servicePort?: number | undefined;
  readonly ingress?: ExposedRoute | undefined;
  /** Instead of `replicas`. */
  readonly autoscale?: AutoscaleOptions | undefined;
  readonly disruptionBudget?: DisruptionBudgetOptions | undefined;
}
export type WebService<Port extends string = string> = {
  readonly deployment: DeploymentWith<'http' | Port>;
  readonly service: core_v1.Service & ServiceHandle<'http'>;
  readonly ingress?: networking_v1.Ingress;
  readonly autoscaler?: autoscaling_v2.HorizontalPodAutoscaler;
  readonly disruptionBudget?: policy_v1.PodDisruptionBudget;
};

const deployedOptions = { ...componentOptions, replicas: true, spec: true } as const;
const webServiceOptions = {
  ...deployedOptions,
  port: true,
  servicePort: true,
  ingress: true,
  autoscale: true,
  disruptionBudget: true,
} as const;

/**
 * What answers requests: a Deployment and its Service, and as far as asked for Ingress, autoscaler and disruption budget.
 *
 * @throws Error when both `replicas` and `autoscale` are given: every apply would undo the autoscaler's work
 */
export function webService<
  Port extends string = never,
  Probed extends string = never,
  Volume extends string = never,
  Mounted extends string = never,
  Amount extends string = string,
>(options: WebServiceOptions<Port, Probed, Volume, Mounted, Amount>): WebService<Port>;
export function webService(options: WebServiceOptions): WebService {
  requireOptions('webService', options, webServiceOptions);
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

export interface WorkerOptions<
  Port extends string = string,
  Probed extends string = string,
  Volume extends string = string,
  Mounted extends string = string,
  Amount extends string = string,
>
  extends ComponentOptions<never, never, Port, Probed, Volume, Mounted, Amount>, Deployed {}

/** What works without being called: a Deployment alone. */
export function worker<
  Port extends string = never,
  Probed extends string = never,
  Volume extends string = never,
  Mounted extends string = never,
  Amount extends string = string,
>(options: WorkerOptions<Port, Probed, Volume, Mounted, Amount>): DeploymentWith<Port>;
export function worker(options: WorkerOptions): DeploymentWith<string> {
  requireOptions('worker', options, deployedOptions);
  return deployed(options, []);
}

type CronJobSpec = Omit<batch_v1.CronJobSpecInput, 'schedule' | 'timeZone' | 'concurrencyPolicy' | 'jobTemplate'>;

export interface ScheduledTaskOptions<
  Port extends string = string,
  Probed extends string = string,
  Volume extends string = string,
  Mounted extends string = string,
  Amount extends string = string,
  Schedule extends string = string,
> extends ComponentOptions<never, never, Port, Probed, Volume, Mounted, Amount> {
  /** Five fields of cron, or `@daily` and the like. */
  readonly schedule: ScheduleLiteral<Schedule>;
  readonly timeZone?: string | undefined;
  readonly concurrencyPolicy?: batch_v1.CronJobSpec['concurrencyPolicy'];
  /** Jobs allow only these two, and have no default. */
  readonly restartPolicy: 'Never' | 'OnFailure';
  /** Everything else of the CronJob. */
  readonly spec?: CronJobSpec | undefined;
  /** Everything else of its Jobs. */
  readonly job?: Omit<batch_v1.JobSpecInput, 'template'> | undefined;
}

const scheduledTaskOptions = {
  ...componentOptions,
  schedule: true,
  timeZone: true,
  concurrencyPolicy: true,
  restartPolicy: true,
  spec: true,
  job: true,
} as const;

/** What runs at its time: a CronJob. */
export function scheduledTask<
  Port extends string = never,
  Probed extends string = never,
  Volume extends string = never,
  Mounted extends string = never,
  Amount extends string = string,
  Schedule extends string = string,
>(options: ScheduledTaskOptions<Port, Probed, Volume, Mounted, Amount, Schedule>): batch_v1.CronJob;
export function scheduledTask(options: ScheduledTaskOptions): batch_v1.CronJob {
  requireOptions('scheduledTask', options, scheduledTaskOptions);
  const { name, schedule, timeZone, concurrencyPolicy, restartPolicy, pod, metadata, spec, job } = options;
  const template = podTemplate({ ...options, pod: { restartPolicy, ...pod } }, []);
  return cronJob({
    metadata: { name, ...metadata },
    spec: {
      schedule,
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(concurrencyPolicy === undefined ? {} : { concurrencyPolicy }),
      ...spec,
      jobTemplate: { spec: { ...job, template: { ...template, spec: { ...template.spec, restartPolicy } } } },
    },
  });
}

type StatefulSetSpec = Omit<
  apps_v1.StatefulSetSpecInput,
  'replicas' | 'selector' | 'serviceName' | 'template' | 'volumeClaimTemplates'
>;

export interface DatabaseOptions<
  Port extends string = string,
  Probed extends string = string,
  Volume extends string = string,
  Mounted extends string = string,
  Amount extends string = string,
  Size extends string = string,
> extends ComponentOptions<never, 'data', Port, Probed, Volume, Mounted, Amount> {
  readonly port: number;
  readonly replicas?: number | undefined;
  /** Size of the disk that every pod has. */
  readonly storage: number | QuantityLiteral<Size>;
  /** `ReadWriteOnce`, for most disks; Kubernetes has no default. */
  readonly accessMode: NonNullable<core_v1.PersistentVolumeClaimSpec['accessModes']>[number];
  readonly storageClassName?: string | Reference<'StorageClass'> | undefined;
  /** Where the disk, whose volume is called `data`, appears in the container. */
  readonly mountPath: string;
  /** Everything else of the StatefulSet. */
  readonly spec?: StatefulSetSpec | undefined;
}
export type Database<Port extends string = string> = {
  readonly statefulSet: StatefulSetWith<Port>;
  readonly service: core_v1.Service & ServiceHandle;
};

const databaseOptions = {
  ...componentOptions,
  port: true,
  replicas: true,
  storage: true,
  accessMode: true,
  storageClassName: true,
  mountPath: true,
  spec: true,
} as const;

/** What keeps data: a StatefulSet with a disk for every pod, and the headless Service that gives its pods their names. */
export function statefulDatabase<
  Port extends string = never,
  Probed extends string = never,
  Volume extends string = never,
  Mounted extends string = never,
  Amount extends string = string,
  Size extends string = string,
>(options: DatabaseOptions<Port, Probed, Volume, Mounted, Amount, Size>): Database<Port>;
export function statefulDatabase(
  options: DatabaseOptions,
): Omit<Database, 'service'> & { readonly service: core_v1.Service & ServiceHandle<string> } {
  requireOptions('statefulDatabase', options, databaseOptions);
  const { name, port, replicas, storage, accessMode, storageClassName, mountPath, container = {} } = options;
  const volumeMounts = [{ name: 'data', mountPath }, ...(container.volumeMounts ?? [])];
  const made = statefulSet({
    metadata: { name, ...options.metadata },
    spec: {
      serviceName: name,
      ...(replicas === undefined ? {} : { replicas }),
      ...options.spec,
      selector: { matchLabels: labelsOf(name) },
      template: podTemplate(
        { ...options, container: { ...container, volumeMounts } },
        [{ containerPort: port }],
        labelsOf(name),
      ),
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
  return { statefulSet: made, ...expose(made, { clusterIP: 'None', ports: [{ targetPort: port }] }) };
}
