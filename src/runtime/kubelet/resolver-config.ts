/** The pod's /etc/resolv.conf and /etc/hosts, which a sandbox without a Docker network lacks. Pure. */
import type { Pod } from '../../types/kinds/generated/core-v1.gen.ts';

export interface ResolverConfig {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export function parseResolverConfig(text: string): ResolverConfig {
  const nameservers: string[] = [];
  let searches: readonly string[] = [];
  const options: string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && words[0]) nameservers.push(words[0]);
    else if (keyword === 'search' || keyword === 'domain') searches = words.filter((word) => word !== '.');
    else if (keyword === 'options') options.push(...words);
  }
  return { nameservers, searches, options };
}

export interface DnsSettings {
  readonly clusterDomain: string;
  readonly clusterDns: string | undefined;
  readonly host: ResolverConfig;
}

export function resolverConfigOf(pod: Pod, settings: DnsSettings): ResolverConfig {
  const { dnsPolicy = 'ClusterFirst', hostNetwork = false, dnsConfig } = pod.spec ?? {};
  const base = policyConfig(pod, settings, hostNetwork && dnsPolicy === 'ClusterFirst' ? 'Default' : dnsPolicy);
  if (!dnsConfig) return base;
  const chosen = new Map<string, string>();
  const wanted = (dnsConfig.options ?? []).map(({ name = '', value }) => (value ? `${name}:${value}` : name));
  for (const option of [...base.options, ...wanted]) chosen.set(option.split(':', 1)[0] ?? '', option);
  return {
    nameservers: unique([...base.nameservers, ...(dnsConfig.nameservers ?? [])]),
    searches: unique([...base.searches, ...(dnsConfig.searches ?? [])]),
    options: [...chosen.values()],
  };
}

function policyConfig(pod: Pod, { clusterDomain, clusterDns, host }: DnsSettings, policy: string): ResolverConfig {
  if (policy === 'None') return { nameservers: [], searches: [], options: [] };
  if (policy === 'Default' || clusterDns === undefined) return host;
  const own = [`${pod.metadata.namespace ?? ''}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return { nameservers: [clusterDns], searches: unique([...own, ...host.searches]), options: ['ndots:5'] };
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}

export function resolverText(config: ResolverConfig): string {
  const lines: string[] = [];
  if (config.searches.length > 0) lines.push(`search ${config.searches.join(' ')}`);
  lines.push(...config.nameservers.map((address) => `nameserver ${address}`));
  if (config.options.length > 0) lines.push(`options ${config.options.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

/** `spec.hostname`, else the pod's name; the kernel takes 63 characters. */
export function hostnameOf(pod: Pod): string {
  const { hostname, hostnameOverride } = pod.spec ?? {};
  const wanted = hostnameOverride || hostname || pod.metadata.name || '';
  return wanted.slice(0, hostnameOverride ? 64 : 63).replace(/[-.]+$/, '');
}

export function hostsText(
  pod: Pod,
  at: { readonly podIp: string | undefined; readonly clusterDomain: string; readonly hostFile: string },
): string {
  const { hostNetwork = false, hostAliases = [], subdomain, setHostnameAsFQDN } = pod.spec ?? {};
  const lines: string[] = [];
  if (hostNetwork) lines.push('# Kubernetes-managed hosts file (host network).', at.hostFile.trimEnd());
  else {
    const localhost = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback'];
    const multicast = [
      'fe00::0\tip6-localnet',
      'fe00::0\tip6-mcastprefix',
      'fe00::1\tip6-allnodes',
      'fe00::2\tip6-allrouters',
    ];
    lines.push('# Kubernetes-managed hosts file.', ...localhost, ...multicast);
    const name = hostnameOf(pod);
    const domain = `${subdomain ?? ''}.${pod.metadata.namespace ?? ''}.svc.${at.clusterDomain}`;
    const names = subdomain || setHostnameAsFQDN ? `${subdomain ? `${name}.${domain}\t` : ''}${name}` : name;
    if (at.podIp !== undefined) lines.push(`${at.podIp}\t${names}`);
  }
  if (hostAliases.length > 0) lines.push('', '# Entries added by HostAliases.');
  for (const alias of hostAliases) lines.push(`${alias.ip}\t${(alias.hostnames ?? []).join('\t')}`);
  return `${lines.join('\n')}\n`;
}
