/** A Service for a workload, and an Ingress for that. */
import { builderOf } from '../types/builder.ts';
import type * as core_v1 from '../types/kinds/generated/core-v1.gen.ts';
import type * as networking_v1 from '../types/kinds/generated/networking-v1.gen.ts';
import type { ObjectMeta } from '../types/meta.ts';
import { titleOf } from './rebuilt.ts';
import { besideOf, declaredPorts, podLabels } from './workload.ts';
import type { PortOf, Workload } from './workload.ts';

const service = builderOf<core_v1.Service>('v1', 'Service');
const ingress = builderOf<networking_v1.Ingress>('networking.k8s.io/v1', 'Ingress');

export interface ExposedPort<Port extends string = string> {
  /** The port of the Service; without it, the number of the container's port. */
  readonly port?: number;
  /** Name or number of a port of the containers. */
  readonly targetPort: Port | number;
  /** Its name in the Service; without it, the name of the container's port. */
  readonly name?: string;
  readonly nodePort?: number;
}
export interface ExposedRoute {
  /** Without it, every host. */
  readonly host?: string;
  /** `/` without it. */
  readonly path?: string;
  /** `Prefix` without it. */
  readonly pathType?: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  readonly className?: string;
  /** Name of the Secret with the certificate of the host. */
  readonly tls?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
export interface ExposeOptions<Port extends string = string> {
  /** Of the Service and the Ingress; without it, the name of the workload. */
  readonly name?: string;
  readonly type?: NonNullable<core_v1.ServiceSpec['type']>;
  /** `None` for the governing Service of a StatefulSet. */
  readonly clusterIP?: string;
  /** Without it, all ports that the containers declare. */
  readonly ports?: readonly ExposedPort<Port>[];
  readonly ingress?: ExposedRoute;
}

type ServicePort = core_v1.ServicePort;

function allPorts(workload: Workload): readonly ServicePort[] {
  const declared = declaredPorts(workload);
  if (declared.length === 0)
    throw new Error(`${titleOf(workload)} declares no port; say which ones the Service has: { ports: [...] }`);
  return declared.map(({ name, number, protocol }) => ({
    ...(name === undefined ? {} : { name }),
    ...(protocol === undefined ? {} : { protocol }),
    port: number,
    targetPort: name ?? number,
  }));
}

function portOf(workload: Workload, { port, targetPort, name, nodePort }: ExposedPort): ServicePort {
  const declared = declaredPorts(workload).find((one) => one.name === targetPort || one.number === targetPort);
  if (!declared && typeof targetPort === 'string') {
    const names = declaredPorts(workload).flatMap((one) => one.name ?? []);
    throw new Error(
      `${titleOf(workload)} has no port ${JSON.stringify(targetPort)}; declared are: ${names.join(', ') || 'none'}`,
    );
  }
  const number = port ?? declared?.number ?? (typeof targetPort === 'number' ? targetPort : undefined);
  if (number === undefined) throw new Error('a port of a Service needs a number');
  const own = name ?? declared?.name;
  return {
    ...(own === undefined ? {} : { name: own }),
    ...(declared?.protocol === undefined ? {} : { protocol: declared.protocol }),
    port: number,
    targetPort,
    ...(nodePort === undefined ? {} : { nodePort }),
  };
}

function routeTo(metadata: ObjectMeta, port: ServicePort | undefined, route: ExposedRoute): networking_v1.Ingress {
  const { host, path = '/', pathType = 'Prefix', className, tls, annotations } = route;
  if (!port || metadata.name === undefined) throw new Error('an Ingress needs a Service with a port');
  const target = port.name === undefined ? { number: port.port } : { name: port.name };
  const backend = { service: { name: metadata.name, port: target } };
  return ingress({
    metadata: annotations === undefined ? metadata : { ...metadata, annotations },
    spec: {
      ...(className === undefined ? {} : { ingressClassName: className }),
      ...(tls === undefined ? {} : { tls: [{ ...(host === undefined ? {} : { hosts: [host] }), secretName: tls }] }),
      rules: [{ ...(host === undefined ? {} : { host }), http: { paths: [{ path, pathType, backend }] } }],
    },
  });
}

// Types, since interfaces do not count as the records that groups are made of.
export type Exposed = { readonly service: core_v1.Service };
export type ExposedByIngress = Exposed & { readonly ingress: networking_v1.Ingress };

/**
 * A Service that selects the pods of a workload, and with `ingress` the route to its first port.
 *
 * @throws Error for a port that the workload does not declare
 */
export function expose<W extends Workload>(
  workload: W,
  options: ExposeOptions<PortOf<W>> & { readonly ingress: ExposedRoute },
): ExposedByIngress;
export function expose<W extends Workload>(workload: W, options?: ExposeOptions<PortOf<W>>): Exposed;
export function expose(workload: Workload, options: ExposeOptions = {}): Exposed | ExposedByIngress {
  const { name, type, clusterIP, ports, ingress: route } = options;
  const metadata = besideOf(workload, name);
  const servicePorts = ports?.map((port) => portOf(workload, port)) ?? allPorts(workload);
  const made = service({
    metadata,
    spec: {
      ...(type === undefined ? {} : { type }),
      ...(clusterIP === undefined ? {} : { clusterIP }),
      selector: podLabels(workload),
      ports: servicePorts,
    },
  });
  return route ? { service: made, ingress: routeTo(metadata, servicePorts[0], route) } : { service: made };
}
