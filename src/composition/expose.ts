/** A Service for a workload, and an Ingress for that. */
import { builderOf } from '../types/builder.ts';
import type { Input, ServiceHandle } from '../types/builder.ts';
import type { Reference } from '../types/builder/input-types.ts';
import type * as core_v1 from '../types/kinds/generated/core-v1.gen.ts';
import type * as networking_v1 from '../types/kinds/generated/networking-v1.gen.ts';
import type { ObjectMeta } from '../types/meta.ts';
import { requireOptions } from './options.ts';
import { titleOf } from './rebuilt.ts';
import { besideOf, declaredPorts, podLabels } from './workload.ts';
import type { PortOf, Workload } from './workload.ts';

const service = builderOf<core_v1.Service, Input<core_v1.Service>, ServiceHandle<string>>('v1', 'Service');
const ingress = builderOf<networking_v1.Ingress, networking_v1.IngressInput>('networking.k8s.io/v1', 'Ingress');

export interface ExposedPort<Port extends string = string, Name extends string = string> {
  /** The port of the Service; without it, the number of the container's port. */
  readonly port?: number | undefined;
  /** Name or number of a port of the containers. */
  readonly targetPort: Port | number;
  /** Its name in the Service; without it, the name of the container's port. */
  readonly name?: Name | undefined;
  readonly nodePort?: number | undefined;
}
export interface ExposedRoute {
  /** Without it, every host. */
  readonly host?: string | undefined;
  /** `/` without it. */
  readonly path?: string | undefined;
  /** `Prefix` without it. */
  readonly pathType?: 'Exact' | 'Prefix' | 'ImplementationSpecific' | undefined;
  /** The IngressClass, or its name. */
  readonly className?: string | Reference<'IngressClass'> | undefined;
  /** The Secret with the certificate of the host, or its name. */
  readonly tls?: string | Reference<'Secret'> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}
export interface ExposeOptions<Port extends string = string, Name extends string = string> {
  /** Of the Service and the Ingress; without it, the name of the workload. */
  readonly name?: string | undefined;
  readonly type?: core_v1.ServiceSpec['type'];
  /** `None` for the governing Service of a StatefulSet. */
  readonly clusterIP?: string | undefined;
  /** Without it, all ports that the containers declare. */
  readonly ports?: readonly ExposedPort<Port, Name>[] | undefined;
  readonly ingress?: ExposedRoute | undefined;
}

const exposeOptions = { name: true, type: true, clusterIP: true, ports: true, ingress: true } as const;
const portOptions = { port: true, targetPort: true, name: true, nodePort: true } as const;
const routeOptions = { host: true, path: true, pathType: true, className: true, tls: true, annotations: true } as const;

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

function portOf(workload: Workload, exposed: ExposedPort): ServicePort {
  requireOptions('a port of expose', exposed, portOptions);
  const { port, targetPort, name, nodePort } = exposed;
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
  requireOptions('ingress', route, routeOptions);
  const { host, path = '/', pathType = 'Prefix', className, tls, annotations } = route;
  if (!port || metadata.name === undefined) throw new Error('an Ingress needs a Service with a port');
  const backend = {
    service: { name: metadata.name, port: port.name === undefined ? { number: port.port } : { name: port.name } },
  };
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
export type Exposed<Port extends string = string> = { readonly service: core_v1.Service & ServiceHandle<Port> };
export type ExposedByIngress<Port extends string = string> = Exposed<Port> & {
  readonly ingress: networking_v1.Ingress;
};

/**
 * A Service that selects the pods of a workload, and with `ingress` the route to its first port.
 *
 * @throws Error for a port that the workload does not declare
 */
export function expose<W extends Workload, Target extends PortOf<W> = PortOf<W>, Name extends string = never>(
  workload: W,
  options: ExposeOptions<Target, Name> & { readonly ingress: ExposedRoute },
): ExposedByIngress<Target | Name>;
export function expose<W extends Workload, Target extends PortOf<W> = PortOf<W>, Name extends string = never>(
  workload: W,
  options?: ExposeOptions<Target, Name>,
): Exposed<Target | Name>;
export function expose(workload: Workload, options: ExposeOptions = {}): Exposed | ExposedByIngress {
  requireOptions('expose', options, exposeOptions);
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
