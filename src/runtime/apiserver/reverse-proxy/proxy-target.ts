/** What `pods/x/proxy`, `services/x/proxy` and `nodes/x/proxy` lead to. Source: registry/core/{pod,service,node} of Kubernetes. */
import { BlockList, isIP } from 'node:net';
import { Node } from '../../../types/kinds/core/node.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { Service } from '../../../types/kinds/core/service.ts';
import type { ObjectKey } from '../../../types/meta.ts';
import type { ObjectReader } from '../object-reader.ts';
import { serviceEndpoints } from '../service-endpoints.ts';
import { ApiError, badRequest, notFound } from '../status-error.ts';

export interface ProxyTarget {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** How to know the target, and to be known by it. Left out for one that is called by its address: it has no name to prove. */
  readonly tls?: TargetTls;
}

export interface TargetTls {
  readonly ca?: string;
  readonly cert: string;
  readonly key: string;
  readonly servername: string;
  readonly rejectUnauthorized: boolean;
}

interface Wanted {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  /** A number or a name; empty when none was named. */
  readonly port: string;
}

type Resolve = (reader: ObjectReader, namespace: string, wanted: Wanted) => Promise<ProxyTarget>;

/** By plural of the resource. */
const resolvers: Readonly<Record<string, Resolve>> = { pods: ofPod, services: ofService, nodes: ofNode };

/** The name in the URL is `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`. @throws ApiError */
export async function proxyTarget(reader: ObjectReader, plural: string, key: ObjectKey): Promise<ProxyTarget> {
  const resolve = resolvers[plural];
  if (resolve === undefined) throw badRequest(`${plural} cannot be proxied to`);
  return resolve(reader, key.namespace ?? '', wantedIn(key.name, plural.replace(/s$/, '')));
}

function wantedIn(text: string, what: string): Wanted {
  const parts = text.split(':');
  const [scheme, name, port] =
    parts.length === 3 ? parts : parts.length === 2 ? ['', parts[0], parts[1]] : ['', text, ''];
  if (parts.length > 3 || !name || !['', 'http', 'https'].includes(scheme ?? ''))
    throw badRequest(`invalid ${what} request ${JSON.stringify(text)}`);
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port: port ?? '' };
}

async function ofPod(reader: ObjectReader, namespace: string, { scheme, name, port }: Wanted): Promise<ProxyTarget> {
  const pod = await reader.get(Pod, { namespace, name });
  if (pod === undefined) throw notFound(Pod, name);
  const first = pod.spec?.containers.flatMap((container) => container.ports ?? [])[0]?.containerPort;
  return target(scheme, pod.status?.podIP ?? '', port === '' ? first : Number(port), `pod ${JSON.stringify(name)}`);
}

async function ofService(reader: ObjectReader, namespace: string, wanted: Wanted): Promise<ProxyTarget> {
  const { scheme, name } = wanted;
  const service = await reader.get(Service, { namespace, name });
  if (service === undefined) throw notFound(Service, name);
  const port = portName(service, wanted);
  const endpoints = await serviceEndpoints(reader, namespace, name, port);
  const chosen = endpoints[Math.floor(Math.random() * endpoints.length)];
  if (chosen !== undefined) return target(scheme, chosen.host, chosen.port, `service ${JSON.stringify(name)}`);
  const id = wanted.port === '' ? name : `${name}:${wanted.port}`;
  throw new ApiError('ServiceUnavailable', `no endpoints available for service ${JSON.stringify(id)}`);
}

/** The name of the Service's port that was named, numbered, or is its only one. */
function portName(service: Service, { name, port }: Wanted): string {
  const ports = service.spec?.ports ?? [];
  if (port === '') return ports.length === 1 ? (ports[0]?.name ?? '') : '';
  if (!/^\d+$/.test(port)) return port;
  const numbered = ports.find((candidate) => candidate.port === Number(port));
  if (numbered !== undefined) return numbered.name ?? '';
  throw new ApiError('ServiceUnavailable', `no service port ${port} found for service ${JSON.stringify(name)}`);
}

async function ofNode(reader: ObjectReader, _: string, { scheme, name, port }: Wanted): Promise<ProxyTarget> {
  const node = await reader.get(Node, { namespace: '', name });
  if (node === undefined) throw notFound(Node, name);
  const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
  const kubelet = node.status?.daemonEndpoints?.kubeletEndpoint?.Port;
  return target(scheme, address, port === '' ? kubelet : Number(port), `node ${JSON.stringify(name)}`);
}

function target(scheme: ProxyTarget['scheme'], host: string, port: number | undefined, what: string): ProxyTarget {
  if (host === '') throw new ApiError('ServiceUnavailable', `no address of ${what} is known yet`);
  if (!mayBeReached(host)) throw badRequest('address not allowed');
  const number = port ?? (scheme === 'https' ? 443 : 80);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) throw badRequest(`invalid port of ${what}`);
  return { scheme, host, port: number };
}

/** Whoever may write Endpoints must not reach through the server what only its machine can. */
const ownOnly = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
] as const)
  ownOnly.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  ownOnly.addSubnet(network, prefix, 'ipv6');

function mayBeReached(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !ownOnly.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
