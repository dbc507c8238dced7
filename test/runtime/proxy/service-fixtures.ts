import type { Pod, Service, ServiceSpec } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../src/types/kinds/generated/discovery-v1.gen.ts';
import type { ServiceSource } from '../../../src/runtime/network/service-source.ts';

export function service(name: string, spec: ServiceSpec, status?: Service['status']): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec,
    ...(status === undefined ? {} : { status }),
  };
}

export function slice(
  serviceName: string,
  ports: readonly EndpointPort[],
  endpoints: readonly (string | Endpoint)[],
  suffix = 'x',
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${serviceName}-${suffix}`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': serviceName },
    },
    addressType: 'IPv4',
    ports,
    endpoints: endpoints.map((endpoint) =>
      typeof endpoint === 'string'
        ? { addresses: [endpoint], nodeName: 'node', conditions: { ready: true } }
        : endpoint,
    ),
  };
}

/** A source that a test changes by hand. */
export class ManualSource implements ServiceSource {
  readonly #services = new Map<string, Service>();
  readonly #pods = new Map<string, Pod>();
  readonly #slices = new Map<string, EndpointSlice>();
  readonly #listeners = new Set<() => void>();

  services(): Iterable<Service> {
    return this.#services.values();
  }

  slices(): Iterable<EndpointSlice> {
    return this.#slices.values();
  }

  /** The pods. */
  list(): Iterable<Pod> {
    return this.#pods.values();
  }

  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  set(...objects: readonly (Service | EndpointSlice | Pod)[]): void {
    for (const object of objects) {
      const key = `${object.metadata.namespace}/${object.metadata.name}`;
      if (object.kind === 'Service') this.#services.set(key, object);
      else if (object.kind === 'Pod') this.#pods.set(key, object);
      else this.#slices.set(key, object);
    }
    for (const listener of this.#listeners) listener();
  }

  remove(...objects: readonly (Service | EndpointSlice | Pod)[]): void {
    for (const object of objects) {
      const key = `${object.metadata.namespace}/${object.metadata.name}`;
      if (object.kind === 'Service') this.#services.delete(key);
      else if (object.kind === 'Pod') this.#pods.delete(key);
      else this.#slices.delete(key);
    }
    for (const listener of this.#listeners) listener();
  }
}
