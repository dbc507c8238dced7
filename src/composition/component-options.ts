/** What the components are told about their containers and pods: the input types of Kubernetes, ports and volumes checked. */
import type * as core_v1 from '../types/kinds/generated/core-v1.gen.ts';
import type { ObjectMetaInput, TemplateMetaInput } from '../types/builder/input-types.ts';
import { isRecord } from '../shared/deep.ts';

/** Names that are only known as text are checked when the program runs. */
type KnownName<Text extends string, Names extends string, What extends string> = string extends Text
  ? Text
  : Text extends Names
    ? Text
    : `no ${What} is called '${Text}'`;

interface ProbedPort<Text extends string, Ports extends string> {
  readonly httpGet?: { readonly port: number | KnownName<Text, Ports, 'port'> } | undefined;
  readonly tcpSocket?: { readonly port: number | KnownName<Text, Ports, 'port'> } | undefined;
}
interface ContainerNames<Probed extends string, Ports extends string, Mounted extends string, Volumes extends string> {
  readonly livenessProbe?: ProbedPort<Probed, Ports> | undefined;
  readonly readinessProbe?: ProbedPort<Probed, Ports> | undefined;
  readonly startupProbe?: ProbedPort<Probed, Ports> | undefined;
  readonly volumeMounts?:
    | readonly (Omit<core_v1.VolumeMount, 'name'> & { readonly name: KnownName<Mounted, Volumes, 'volume'> })[]
    | undefined;
}

type Container<Amount extends string> = Omit<
  core_v1.ContainerInput<string, string, Amount>,
  'name' | 'image' | 'ports' | 'volumeMounts'
>;
type Pod<Volume extends string> = Omit<core_v1.PodSpecInput<string, string>, 'containers' | 'volumes'> & {
  readonly volumes?: readonly (core_v1.VolumeInput & { readonly name: Volume })[] | undefined;
};

/**
 * Of all components. The parameters are what the compiler reads off the call: `Own` are ports and volumes that the component
 * itself declares, the others names and amounts in the options.
 */
export interface ComponentOptions<
  OwnPort extends string = string,
  OwnVolume extends string = string,
  Port extends string = string,
  Probed extends string = string,
  Volume extends string = string,
  Mounted extends string = string,
  Amount extends string = string,
> {
  /** Of all objects, and of the container. */
  readonly name: string;
  readonly image: string;
  /** Everything else of the container, in the words of Kubernetes. */
  readonly container?:
    | (Container<Amount> & ContainerNames<Probed, OwnPort | NoInfer<Port>, Mounted, OwnVolume | NoInfer<Volume>>)
    | undefined;
  /** Further ports of the container. */
  readonly ports?: readonly (core_v1.ContainerPortInput & { readonly name?: Port | undefined })[] | undefined;
  /** Further containers of the pod. */
  readonly sidecars?: readonly core_v1.ContainerInput[] | undefined;
  /** Everything else of the pod. */
  readonly pod?: Pod<Volume> | undefined;
  /** Labels and annotations of the pods. */
  readonly podMetadata?: TemplateMetaInput | undefined;
  /** Everything else of the metadata of the workload. Its namespace is that of the other objects too. */
  readonly metadata?: Omit<ObjectMetaInput, 'name'> | undefined;
}

export const componentOptions = {
  name: true,
  image: true,
  container: true,
  ports: true,
  sidecars: true,
  pod: true,
  podMetadata: true,
  metadata: true,
} as const;

/** The label that the builders derive too. */
export function labelsOf(name: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': name };
}

/** @param ports that the component itself declares */
export function podTemplate(
  options: ComponentOptions,
  ports: readonly core_v1.ContainerPort[],
  labels?: Readonly<Record<string, string>>,
): core_v1.PodTemplateSpecInput & { readonly spec: core_v1.PodSpecInput } {
  const { name, image, container = {}, pod = {}, podMetadata, sidecars = [] } = options;
  const all = [...ports, ...(options.ports ?? [])];
  const own = { name, image, ...(all.length === 0 ? {} : { ports: all }), ...container };
  const merged = labels && { ...labels, ...(isRecord(podMetadata?.labels) ? podMetadata.labels : {}) };
  const metadata = podMetadata || merged ? { ...podMetadata, ...(merged ? { labels: merged } : {}) } : undefined;
  return { ...(metadata ? { metadata } : {}), spec: { ...pod, containers: [own, ...sidecars] } };
}
