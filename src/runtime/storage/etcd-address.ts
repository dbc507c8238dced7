import { readFile } from 'node:fs/promises';

/** Where an etcd is and how to speak to it. */
export interface EtcdAddress {
  /** `http://HOST:PORT` or `https://HOST:PORT`, at least one. */
  readonly endpoints: readonly string[];
  readonly tls: EtcdTls | undefined;
}

export interface EtcdTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const files = { cafile: 'ca', certfile: 'cert', keyfile: 'key' } as const;
const form =
  'write etcd://HOST:PORT[,HOST:PORT...], or with TLS etcds://HOST:PORT?cafile=FILE&certfile=FILE&keyfile=FILE';

/** Whether a store is named by the address of an etcd. */
export function isEtcdAddress(store: string): boolean {
  return /^etcds?:/.test(store);
}

/**
 * Reads `etcd://HOST:PORT[,HOST:PORT...]`, or `etcds://` for TLS with `cafile`, `certfile` and `keyfile` in its query: the names
 * that kube-apiserver has for them. The files are read now.
 * @throws Error for another form, or a file that cannot be read
 */
export async function parseEtcdAddress(text: string): Promise<EtcdAddress> {
  const [, secure, hosts = '', path = '', query = ''] = /^etcd(s?):\/\/([^/?#]*)(\/?)(?:\?(.*))?$/s.exec(text) ?? [];
  if (secure === undefined || path.length > 1) throw new Error(`${text} is no address of an etcd: ${form}`);
  const endpoints = hosts.split(',').map((host) => endpointOf(host, secure === '' ? 'http' : 'https', text));
  const tls: { ca?: string; cert?: string; key?: string } = {};
  for (const [name, file] of new URLSearchParams(query)) {
    const option = Object.entries(files).find(([word]) => word === name)?.[1];
    if (option === undefined) throw new Error(`${text}: there is no option ${name}; ${form}`);
    if (secure === '') throw new Error(`${text}: ${name} is for TLS, which etcds:// asks for`);
    tls[option] = await readFile(file, 'utf8');
  }
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new Error(`${text}: certfile and keyfile belong together`);
  return { endpoints, tls: secure === '' ? undefined : tls };
}

function endpointOf(host: string, scheme: string, text: string): string {
  const url = URL.canParse(`${scheme}://${host}`) ? new URL(`${scheme}://${host}`) : undefined;
  if (url === undefined || host === '') throw new Error(`${text} is no address of an etcd: ${form}`);
  if (url.username !== '') throw new Error(`${text}: users of etcd are told by client certificates, not by passwords`);
  // URL leaves out the port that is usual for its scheme, which etcd's is not.
  return `${scheme}://${/:\d+$/.test(host) ? host : `${host}:2379`}`;
}
