/** Where a webhook is: a URL, or an endpoint of a service in the cluster. */
import type { WebhookClientConfig } from '../../../../types/kinds/generated/admissionregistration-v1.gen.ts';
import { Service } from '../../../../types/kinds/core/service.ts';
import type { ObjectReader } from '../../object-reader.ts';
import { serviceEndpoints } from '../../service-endpoints.ts';

export interface WebhookTarget {
  /** As messages name it. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** The name that the certificate has to be for. */
  readonly serverName: string;
  /** PEM; undefined for the authorities that the machine trusts. */
  readonly authority: string | undefined;
}

/** What is missing on the way to it. */
export class TargetFault extends Error {
  constructor(
    readonly reason: 'ServiceNotFound' | 'ServicePortError' | 'MissingEndpoints',
    message: string,
  ) {
    super(message);
  }
}

/** @throws TargetFault */
export async function targetOf(config: WebhookClientConfig, reader: ObjectReader): Promise<WebhookTarget> {
  const { caBundle, service, url } = config;
  const authority = caBundle === undefined || caBundle === '' ? undefined : Buffer.from(caBundle, 'base64').toString();
  if (!service) {
    const parsed = new URL(url ?? '');
    const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = parsed.port === '' ? 443 : Number(parsed.port);
    return { url: parsed.href, host, port, path: parsed.pathname, serverName: host, authority };
  }
  const { name, namespace, path = '/', port = 443 } = service;
  const serverName = `${name}.${namespace}.svc`;
  const endpoint = await endpointOf(name, namespace, port, reader);
  const shown = `https://${serverName}:${port}${path.startsWith('/') ? path : `/${path}`}`;
  return { ...endpoint, url: shown, path: path.startsWith('/') ? path : `/${path}`, serverName, authority };
}

async function endpointOf(
  name: string,
  namespace: string,
  port: number,
  reader: ObjectReader,
): Promise<Pick<WebhookTarget, 'host' | 'port'>> {
  const service = await reader.get(Service, { namespace, name });
  if (!service) throw new TargetFault('ServiceNotFound', `service "${name}" not found`);
  const served = service.spec?.ports?.find((each) => each.port === port);
  if (!served) throw new TargetFault('ServicePortError', `no service port ${port} found for service "${name}"`);
  if (service.spec?.type === 'ExternalName') return { host: service.spec.externalName ?? '', port };
  const [endpoint] = await serviceEndpoints(reader, namespace, name, served.name ?? '');
  if (endpoint !== undefined) return endpoint;
  throw new TargetFault('MissingEndpoints', `no endpoints available for service "${name}"`);
}
