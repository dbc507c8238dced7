/**
 * The typed builders behind `import { deployment, service } from 'kubewright'`. A builder returns a frozen plain object in
 * the author's key order, with handles on its prototype; it fills in apiVersion and kind, derives selector and template
 * labels from each other, resolves handles, and invents nothing else.
 */
import { isRecord } from '../shared/deep.ts';
import type { KubeObject } from './meta.ts';
import type { JobSpec, JobTemplateSpec } from './kinds/generated/batch-v1.gen.ts';
import type {
  Container,
  ContainerPort,
  HTTPGetAction,
  PersistentVolumeClaim,
  PodSpec,
  PodTemplateSpec,
  Probe,
  TCPSocketAction,
  Volume as PodVolume,
  VolumeMount,
} from './kinds/generated/core-v1.gen.ts';
import type { LabelSelector, ObjectMeta } from './kinds/generated/meta-v1.gen.ts';

/** Where a builder was called: frames of the evaluated bundle, innermost first. Kept under a symbol, so it never prints. */
export interface CallFrame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
const sourceSymbol = Symbol.for('kubewright.source');
/** Frames enough for a builder below a component below a loop; more would only cost time. */
const frameLimit = 12;

function captureFrames(below: (...parameters: never[]) => unknown): readonly CallFrame[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = frameLimit;
    Error.prepareStackTrace = (_, sites) =>
      sites.map((site) => ({
        file: site.getFileName() ?? '',
        line: site.getLineNumber() ?? 0,
        column: site.getColumnNumber() ?? 0,
      }));
    Error.captureStackTrace(holder, below);
    const frames: unknown = holder.stack;
    return Array.isArray(frames) ? frames.filter(isFrame) : [];
  } finally {
    if (prepareStackTrace) Error.prepareStackTrace = prepareStackTrace;
    else Reflect.deleteProperty(Error, 'prepareStackTrace');
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function isFrame(value: unknown): value is CallFrame {
  return isRecord(value) && typeof value['file'] === 'string';
}

/** The frames of the call that made this object; empty for objects that no builder made. */
export function sourceOf(object: object): readonly CallFrame[] {
  const frames: unknown = Reflect.get(object, sourceSymbol);
  return Array.isArray(frames) ? frames.filter(isFrame) : [];
}

/** What the methods of a handle need of the object that they are on. */
interface NamedObject {
  readonly metadata: { readonly name?: string | undefined };
}

function nameOf(object: NamedObject): string {
  const { name } = object.metadata;
  if (name === undefined)
    throw new Error('an object that others refer to needs metadata.name; generateName is not known yet');
  return name;
}

export interface ConfigMapHandle<Key extends string = string> {
  /** `{ name }`, for configMapRef, and for the configMap of a volume. */
  ref(): { readonly name: string };
  /** The value of `valueFrom` of an environment variable. */
  key(key: Key): { readonly configMapKeyRef: { readonly name: string; readonly key: string } };
}
export interface SecretHandle<Key extends string = string> {
  /** `{ name }`, for secretRef and imagePullSecrets. */
  ref(): { readonly name: string };
  /** `{ secretName }`, for the secret of a volume. */
  volume(): { readonly secretName: string };
  /** The value of `valueFrom` of an environment variable. */
  key(key: Key): { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}
export interface WorkloadHandle<Port extends string = never> {
  /** The name of a declared container port, for a targetPort. */
  port(name: Port): string;
}

function declaredKey(object: object, key: string): void {
  const keys = ['data', 'binaryData', 'stringData'].flatMap((part) => {
    const entries: unknown = Reflect.get(object, part);
    return isRecord(entries) ? Object.keys(entries) : [];
  });
  if (!keys.includes(key))
    throw new Error(`there is no key ${JSON.stringify(key)}; declared are: ${keys.join(', ') || 'none'}`);
}

const configMapHandle = {
  ref(this: NamedObject) {
    return { name: nameOf(this) };
  },
  key(this: NamedObject, key: string) {
    declaredKey(this, key);
    return { configMapKeyRef: { name: nameOf(this), key } };
  },
};
const secretHandle = {
  ref(this: NamedObject) {
    return { name: nameOf(this) };
  },
  volume(this: NamedObject) {
    return { secretName: nameOf(this) };
  },
  key(this: NamedObject, key: string) {
    declaredKey(this, key);
    return { secretKeyRef: { name: nameOf(this), key } };
  },
};
const workloadHandle = {
  port(this: object, name: string) {
    const names = declaredPorts(this);
    if (!names.includes(name))
      throw new Error(`there is no port ${JSON.stringify(name)}; declared are: ${names.join(', ') || 'none'}`);
    return name;
  },
};

/** The pod template of a workload, or the pod itself, as a loose record. */
function podOf(object: object): Record<string, unknown> | undefined {
  const spec: unknown = Reflect.get(object, 'spec');
  if (!isRecord(spec)) return undefined;
  if (isRecord(spec['template'])) return spec['template'];
  const jobTemplate = spec['jobTemplate'];
  if (isRecord(jobTemplate)) return podOf(jobTemplate);
  return Reflect.get(object, 'kind') === 'Pod' ? { metadata: Reflect.get(object, 'metadata'), spec } : undefined;
}

function declaredPorts(object: object): readonly string[] {
  const spec = podOf(object)?.['spec'];
  if (!isRecord(spec)) return [];
  return [spec['containers'], spec['initContainers']].flatMap((containers) =>
    (Array.isArray(containers) ? containers : []).flatMap((container: unknown) => {
      const ports: unknown = isRecord(container) ? container['ports'] : undefined;
      return (Array.isArray(ports) ? ports : []).flatMap((port: unknown) =>
        isRecord(port) && typeof port['name'] === 'string' ? [port['name']] : [],
      );
    }),
  );
}

/** The labels by which a workload's pods are selected: its selector's matchLabels, else the labels of its template. */
function podLabelsOf(workload: object): Record<string, unknown> | undefined {
  const spec: unknown = Reflect.get(workload, 'spec');
  const selector = isRecord(spec) ? spec['selector'] : undefined;
  if (isRecord(selector)) {
    const labels = isRecord(selector['matchLabels']) ? selector['matchLabels'] : selector;
    if (Object.values(labels).every((label) => typeof label === 'string')) return labels;
  }
  const metadata = podOf(workload)?.['metadata'];
  const labels = isRecord(metadata) ? metadata['labels'] : undefined;
  return isRecord(labels) ? labels : undefined;
}

/** Selector and template labels are derived from each other; with neither, both are the workload's name. */
function deriveSelector(input: Record<string, unknown>, wrap: (labels: object) => object): Record<string, unknown> {
  const spec = input['spec'];
  if (!isRecord(spec) || !isRecord(spec['template'])) return input;
  const template = spec['template'];
  const metadata = isRecord(template['metadata']) ? template['metadata'] : {};
  const selector = spec['selector'];
  const labels = metadata['labels'];
  if (selector !== undefined && labels !== undefined) return input;
  const own = isRecord(input['metadata']) ? input['metadata']['name'] : undefined;
  // No labels can be read off expressions.
  if (isRecord(selector) && 'matchExpressions' in selector) return input;
  const selected = isRecord(selector)
    ? isRecord(selector['matchLabels'])
      ? selector['matchLabels']
      : selector
    : undefined;
  const derived = isRecord(labels)
    ? labels
    : (selected ?? (typeof own === 'string' ? { 'app.kubernetes.io/name': own } : undefined));
  if (!derived) return input;
  const fields = Object.entries(spec).flatMap(([key, value]): readonly (readonly [string, unknown])[] => {
    if (key === 'selector') return selector === undefined ? [] : [[key, value]];
    if (key !== 'template') return [[key, value]];
    const labelled = [key, withLabels(template, labels ?? derived)] as const;
    return selector === undefined ? [['selector', wrap(derived)], labelled] : [labelled];
  });
  return { ...input, spec: Object.fromEntries(fields) };
}

/** Metadata stays where the author has it, and comes first where there was none. */
function withLabels(template: Record<string, unknown>, labels: unknown): Record<string, unknown> {
  const metadata = isRecord(template['metadata']) ? template['metadata'] : {};
  const labelled = { ...metadata, labels };
  return 'metadata' in template ? { ...template, metadata: labelled } : { metadata: labelled, ...template };
}

function resolveServiceSelector(input: Record<string, unknown>): Record<string, unknown> {
  const spec = input['spec'];
  if (!isRecord(spec) || !isRecord(spec['selector']) || typeof spec['selector']['kind'] !== 'string') return input;
  const labels = podLabelsOf(spec['selector']);
  if (!labels) throw new Error('the workload given as selector has neither a selector nor template labels');
  return { ...input, spec: { ...spec, selector: labels } };
}

/** What is particular about the builders of some kinds; all others only fill in their identity. */
interface Particulars {
  readonly handle?: object;
  transform?(input: Record<string, unknown>): Record<string, unknown>;
}
const withSelector: Particulars = {
  handle: workloadHandle,
  transform: (input) => deriveSelector(input, (labels) => ({ matchLabels: labels })),
};
const particulars: Readonly<Record<string, Particulars>> = {
  'v1.ConfigMap': { handle: configMapHandle },
  'v1.Secret': { handle: secretHandle },
  'v1.Service': { transform: resolveServiceSelector },
  'v1.Pod': { handle: workloadHandle },
  'v1.ReplicationController': {
    handle: workloadHandle,
    transform: (input) => deriveSelector(input, (labels) => labels),
  },
  'apps/v1.Deployment': withSelector,
  'apps/v1.ReplicaSet': withSelector,
  'apps/v1.StatefulSet': withSelector,
  'apps/v1.DaemonSet': withSelector,
  'batch/v1.Job': { handle: workloadHandle },
  'batch/v1.CronJob': { handle: workloadHandle },
};

/** What a builder takes: the object, its identity left out. */
export type Input<T extends KubeObject> = Omit<T, 'apiVersion' | 'kind'> & Partial<Pick<T, 'apiVersion' | 'kind'>>;

/** A Service that may select a workload by its handle. */
export type SelectingInput<T extends KubeObject & { readonly spec?: { readonly selector?: unknown } | undefined }> =
  Omit<Input<T>, 'spec'> & {
    readonly spec?: Omit<NonNullable<T['spec']>, 'selector'> & {
      readonly selector?: { readonly [key: string]: string } | (KubeObject & WorkloadHandle<never>) | undefined;
    };
  };

/** The builder of one kind: takes the object without its identity, gives it back whole, frozen and with its handles. */
export type Builder<T extends KubeObject, In extends object = Input<T>, Handle extends object = object> = (
  input: In,
) => T & Handle;

/*
 * Names of ports and volumes are read off the literal: what refers to others of them does not compile. Elements of lists
 * are spelt out, for TypeScript does not look for unknown fields in a list that is an intersection.
 */
type NamedPort<Port extends string> = Omit<ContainerPort, 'name'> & { readonly name?: Port | undefined };
type NamedMount<Volume extends string> = Omit<VolumeMount, 'name'> & { readonly name: NoInfer<Volume> };
type NamedProbe<Port extends string> = Omit<Probe, 'httpGet' | 'tcpSocket'> & {
  readonly httpGet?: (Omit<HTTPGetAction, 'port'> & { readonly port: number | NoInfer<Port> }) | undefined;
  readonly tcpSocket?: (Omit<TCPSocketAction, 'port'> & { readonly port: number | NoInfer<Port> }) | undefined;
};
type ProbeField = 'readinessProbe' | 'livenessProbe' | 'startupProbe';
type NamedContainer<Port extends string, Volume extends string> = Omit<
  Container,
  'ports' | 'volumeMounts' | ProbeField
> & {
  readonly ports?: readonly NamedPort<Port>[] | undefined;
  readonly volumeMounts?: readonly NamedMount<Volume>[] | undefined;
} & { readonly [field in ProbeField]?: NamedProbe<Port> | undefined };
type NamedPodSpec<Port extends string, Volume extends string> = Omit<
  PodSpec,
  'containers' | 'initContainers' | 'volumes'
> & {
  readonly containers: readonly NamedContainer<Port, Volume>[];
  readonly initContainers?: readonly NamedContainer<Port, Volume>[] | undefined;
  readonly volumes?: readonly (Omit<PodVolume, 'name'> & { readonly name: Volume })[] | undefined;
};
type NamedTemplate<Port extends string, Volume extends string> = Omit<PodTemplateSpec, 'spec'> & {
  readonly spec?: NamedPodSpec<Port, Volume> | undefined;
};

interface Workload extends KubeObject {
  readonly spec?: unknown;
}
type SpecOf<T extends Workload> = NonNullable<T['spec']>;
export type PodInput<T extends Workload, Port extends string = string, Volume extends string = string> = Omit<
  Input<T>,
  'spec'
> & { readonly spec: NamedPodSpec<Port, Volume> };
/** A workload whose selector may be left out. */
export type WorkloadInput<T extends Workload, Port extends string = string, Volume extends string = string> = Omit<
  Input<T>,
  'spec'
> & {
  readonly spec: Omit<SpecOf<T>, 'selector' | 'template'> & {
    readonly selector?: LabelSelector | undefined;
    readonly template: NamedTemplate<Port, Volume>;
  };
};
type NamedClaim<Volume extends string> = Omit<PersistentVolumeClaim, 'apiVersion' | 'kind' | 'metadata'> & {
  readonly apiVersion?: 'v1';
  readonly kind?: 'PersistentVolumeClaim';
  readonly metadata: Omit<ObjectMeta, 'name'> & { readonly name: Volume };
};
/** The templates of claims are volumes too. */
export type StatefulInput<T extends Workload, Port extends string = string, Volume extends string = string> = Omit<
  Input<T>,
  'spec'
> & {
  readonly spec: Omit<WorkloadInput<T, Port, Volume>['spec'], 'volumeClaimTemplates'> & {
    readonly volumeClaimTemplates?: readonly NamedClaim<Volume>[] | undefined;
  };
};
type NamedJobSpec<Port extends string, Volume extends string> = Omit<JobSpec, 'template'> & {
  readonly template: NamedTemplate<Port, Volume>;
};
export type JobInput<T extends Workload, Port extends string = string, Volume extends string = string> = Omit<
  Input<T>,
  'spec'
> & { readonly spec: NamedJobSpec<Port, Volume> };
export type CronJobInput<T extends Workload, Port extends string = string, Volume extends string = string> = Omit<
  Input<T>,
  'spec'
> & {
  readonly spec: Omit<SpecOf<T>, 'jobTemplate'> & {
    readonly jobTemplate: Omit<JobTemplateSpec, 'spec'> & { readonly spec?: NamedJobSpec<Port, Volume> | undefined };
  };
};

export type PodBuilder<T extends Workload> = <Port extends string = never, Volume extends string = never>(
  input: PodInput<T, Port, Volume>,
) => T & WorkloadHandle<Port>;
export type WorkloadBuilder<T extends Workload> = <Port extends string = never, Volume extends string = never>(
  input: WorkloadInput<T, Port, Volume>,
) => T & WorkloadHandle<Port>;
export type StatefulBuilder<T extends Workload> = <Port extends string = never, Volume extends string = never>(
  input: StatefulInput<T, Port, Volume>,
) => T & WorkloadHandle<Port>;
export type JobBuilder<T extends Workload> = <Port extends string = never, Volume extends string = never>(
  input: JobInput<T, Port, Volume>,
) => T & WorkloadHandle<Port>;
export type CronJobBuilder<T extends Workload> = <Port extends string = never, Volume extends string = never>(
  input: CronJobInput<T, Port, Volume>,
) => T & WorkloadHandle<Port>;

type Data<Key extends string> = { readonly [key in Key]: string };
export type ConfigMapBuilder<T extends KubeObject> = <Key extends string = never, Binary extends string = never>(
  input: Omit<Input<T>, 'data' | 'binaryData'> & {
    readonly data?: Data<Key> | undefined;
    readonly binaryData?: Data<Binary> | undefined;
  },
) => T & ConfigMapHandle<Key | Binary>;
export type SecretBuilder<T extends KubeObject> = <Key extends string = never, Text extends string = never>(
  input: Omit<Input<T>, 'data' | 'stringData'> & {
    readonly data?: Data<Key> | undefined;
    readonly stringData?: Data<Text> | undefined;
  },
) => T & SecretHandle<Key | Text>;

/** Makes the builder of one kind. `Handle` says what the result can do besides being the object. */
export function builderOf<T extends KubeObject, In extends object = Input<T>, Handle extends object = object>(
  apiVersion: T['apiVersion'],
  kind: T['kind'],
): Builder<T, In, Handle> {
  const particular = particulars[`${apiVersion}.${kind}`];
  const build = (input: In): T & Handle => {
    if (!isRecord(input)) throw new TypeError(`the builder of ${kind} takes an object`);
    const { apiVersion: _, kind: __, ...rest } = input;
    const fields = particular?.transform?.(rest) ?? rest;
    const object: object = Object.create(particular?.handle ?? Object.prototype);
    Object.assign(object, { apiVersion, kind, ...fields });
    Object.defineProperty(object, sourceSymbol, { value: captureFrames(build) });
    return sealed<T & Handle>(object);
  };
  return build;
}

/** The one decoder of this file: the input's type has promised what the object is. */
function sealed<T extends object>(object: object): T {
  return Object.freeze(object) as T;
}

/** Any object of any shape, taken as it is; unknown keys are reported by validation, never dropped. */
export function raw<T extends KubeObject>(object: T): T {
  const copy: object = Object.assign({}, object);
  Object.defineProperty(copy, sourceSymbol, { value: captureFrames(raw) });
  return sealed<T>(copy);
}
