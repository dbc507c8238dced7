import type { Forwarding, ServiceTable } from './service-table.ts';

/**
 * The kernel remembers for each UDP flow where it goes, and a client that keeps using one source port keeps its flow alive; so
 * flows that a change has made wrong have to be forgotten. (A TCP connection to a backend that left is for the two ends to finish.)
 * Each item is one set of arguments for `conntrack -D`.
 */
export function staleFlows(old: ServiceTable, next: ServiceTable): readonly (readonly string[])[] {
  const before = udpEntries(old);
  const after = udpEntries(next);
  const still = new Set([...after.values()].flatMap(backendsOf));
  const gone = new Set([...before.values()].flatMap(backendsOf).filter((backend) => !still.has(backend)));
  const commands: (readonly string[])[] = [...gone].map((backend) => {
    const [ip = '', port = ''] = backend.split(':');
    return ['-p', 'udp', '--reply-src', ip, '--reply-port-src', port];
  });
  for (const entry of after.values()) {
    const previous = before.get(entry.key);
    // Packets that came while there was nowhere to send them have left flows that are not translated.
    if (entry.external.length === 0 || (previous !== undefined && previous.external.length > 0)) continue;
    const addresses = [...entry.externalIps, ...entry.loadBalancerIps];
    for (const ip of addresses) commands.push(['-p', 'udp', '--orig-dst', ip, '--orig-port-dst', String(entry.port)]);
    if (entry.nodePort !== undefined) commands.push(['-p', 'udp', '--orig-port-dst', String(entry.nodePort)]);
  }
  return commands;
}

function udpEntries(table: ServiceTable): ReadonlyMap<string, Forwarding> {
  return new Map(table.filter(({ protocol }) => protocol === 'udp').map((entry) => [entry.key, entry]));
}

function backendsOf(entry: Forwarding): readonly string[] {
  return [...entry.internal, ...entry.external].map(({ ip, port }) => `${ip}:${port}`);
}
