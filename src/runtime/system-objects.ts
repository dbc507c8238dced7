/** Writes the Services and EndpointSlices of what runs inside the daemon, which tell where to reach it now. */
import { deepEqual } from '../shared/deep.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import { EndpointSlice } from '../types/kinds/discovery/endpoint-slice.ts';
import { ConfigMap } from '../types/kinds/core/config-map.ts';
import { Endpoints } from '../types/kinds/core/endpoints.ts';
import { Service } from '../types/kinds/core/service.ts';
import { keyOf } from '../types/meta.ts';
import type { KubeObject } from '../types/meta.ts';
import type { ApiClient } from './client/api-client.ts';
import type { ClusterNetwork } from './network/cluster-network.ts';
import { systemServices } from './network/system-services.ts';
import type { SystemServicePorts } from './network/system-services.ts';

function isOf<T extends KubeObject>(kind: KindDefinition<T>, object: KubeObject): object is T {
  return object.kind === kind.kind && object.apiVersion === kind.apiVersion;
}

async function settle<T extends KubeObject>(client: ApiClient, kind: KindDefinition<T>, wanted: T): Promise<void> {
  const resource = client.of(kind);
  const current = await resource.get(keyOf(wanted));
  if (!current) {
    await resource.create(wanted);
    return;
  }
  const { metadata, ...content } = wanted;
  const same = Object.entries(content).every(([name, value]) => {
    const stored: unknown = Reflect.get(current, name);
    // Of a Service the server fills in more than is asked for.
    return name === 'spec' ? includes(stored, value) : deepEqual(stored, value);
  });
  if (!same)
    await resource.update({ ...current, ...content, metadata: { ...current.metadata, labels: metadata.labels } });
}

function includes(stored: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(stored) &&
      stored.length === wanted.length &&
      wanted.every((item, index) => includes(stored[index], item))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return stored === wanted;
  if (typeof stored !== 'object' || stored === null) return false;
  return Object.entries(wanted).every(([name, value]) => includes(Reflect.get(stored, name), value));
}

/** The legacy Endpoints of a Service without selector, of which its slice is the twin. */
function endpointsOf(slice: EndpointSlice): Endpoints {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...slice.metadata,
      // The slice is written here already; without this it would be mirrored into another one.
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [
      {
        addresses: (slice.endpoints ?? []).map(({ addresses }) => ({ ip: addresses[0] ?? '' })),
        ports: (slice.ports ?? []).map(({ name, port, protocol }) => ({
          name,
          port: port ?? 0,
          protocol: protocol ?? 'TCP',
        })),
      },
    ],
  };
}

/** How a server that answers for another group knows this one, and what it says of its clients. */
function extensionAuthentication({
  authority,
  proxyClient,
}: {
  readonly authority: string;
  readonly proxyClient: string;
}): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: {
      'client-ca-file': authority,
      'requestheader-client-ca-file': authority,
      'requestheader-allowed-names': JSON.stringify([proxyClient]),
      'requestheader-username-headers': '["X-Remote-User"]',
      'requestheader-uid-headers': '["X-Remote-Uid"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    },
  };
}

export async function writeSystemObjects(
  client: ApiClient,
  network: ClusterNetwork,
  ports: SystemServicePorts,
  trust: { readonly authority: string; readonly proxyClient: string },
): Promise<void> {
  await settle(client, ConfigMap, extensionAuthentication(trust));
  await Promise.all(
    systemServices(network, ports).map(async (object) => {
      if (isOf(Service, object)) await settle(client, Service, object);
      if (isOf(EndpointSlice, object)) {
        await settle(client, EndpointSlice, object);
        await settle(client, Endpoints, endpointsOf(object));
      }
    }),
  );
}
