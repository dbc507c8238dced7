/** The table at the end of `up` and the addresses that answer. */
import type { KubeObject } from '../../types/meta.ts';
import type { Service } from '../../types/kinds/core/service.ts';
import { ageText } from '../../types/table.ts';
import type { Connection } from '../connection.ts';
import { printTable } from '../output.ts';
import type { Applied } from './apply.ts';
import { readinessOf } from './readiness.ts';

function isService(object: KubeObject): object is Service {
  return object.apiVersion === 'v1' && object.kind === 'Service';
}

function url(host: string, port: number, servicePort: number): string {
  const scheme = servicePort === 443 || servicePort === 8443 ? 'https' : 'http';
  const usual = scheme === 'https' ? 443 : 80;
  return `${scheme}://${host}${port === usual ? '' : `:${port}`}`;
}

/** `http://127.0.0.1:30080` for what is published on the machine, else the address inside the cluster, which this machine reaches too. */
export function addressesOf(service: Service): readonly string[] {
  const { spec } = service;
  return (spec?.ports ?? []).flatMap(({ port, nodePort, protocol }) => {
    if (protocol !== undefined && protocol !== 'TCP') return [];
    if (nodePort !== undefined && nodePort > 0) return [url('127.0.0.1', nodePort, port)];
    const ip = spec?.clusterIP;
    return ip === undefined || ip === 'None' || ip === '' ? [] : [url(ip, port, port)];
  });
}

export async function printSummary(connection: Connection, applied: readonly Applied[], now: Date): Promise<void> {
  const current = await Promise.all(
    applied.map(
      async ({ kind, object, entry }): Promise<KubeObject> =>
        (await connection.http.client.of(kind).get(entry)) ?? object,
    ),
  );
  const rows = current.map((object): readonly string[] => {
    const { detail } = readinessOf(object);
    const namespace = object.metadata.namespace ?? '';
    return [
      object.kind,
      namespace,
      object.metadata.name ?? '',
      detail,
      ageText(object.metadata.creationTimestamp, now),
    ];
  });
  printTable(['KIND', 'NAMESPACE', 'NAME', 'STATUS', 'AGE'], rows);
  const services = current
    .filter(isService)
    .flatMap((service) => addressesOf(service).map((url) => [service.metadata.name ?? '', url]));
  if (services.length > 0) {
    process.stdout.write('\n');
    printTable(['SERVICE', 'URL'], services);
  }
}
