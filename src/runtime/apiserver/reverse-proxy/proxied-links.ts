/** Links of a proxied page lead back through the proxy. Source: apimachinery, util/proxy/transport.go */

export interface Proxied {
  /** What stands before the path of the target: `/api/v1/namespaces/default/pods/web/proxy`. */
  readonly prefix: string;
  /** What the target calls itself: its own address, and what the client called the server. */
  readonly hosts: readonly string[];
}

/** Absolute paths, with or without the target's own host, get the prefix; other URLs stay as they are. */
export function proxiedLink(link: string, { prefix, hosts }: Proxied): string {
  const [, host, path = '', rest = ''] = /^(?:(?:https?:)?\/\/([^/?#]*))?([^?#]*)(.*)$/is.exec(link) ?? [];
  if (host !== undefined && !hosts.includes(host)) return link;
  if (!path.startsWith('/') || path === prefix || path.startsWith(`${prefix}/`)) return link;
  return `${prefix}${path}${rest}`;
}
