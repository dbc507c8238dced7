/** What tells a person why a pod does not run: its last events and the last lines of its container. */
import { Event } from '../../types/kinds/core/event.ts';
import type { ObjectKey } from '../../types/meta.ts';
import type { Connection } from '../connection.ts';

const eventCount = 5;
const lineCount = 20;

export async function recentEvents(connection: Connection, { namespace, name }: ObjectKey): Promise<readonly string[]> {
  const { items } = await connection.http.client
    .of(Event)
    .list({ namespace, fieldSelector: `involvedObject.kind=Pod,involvedObject.name=${name}` });
  const warnings = items.filter((event) => event.type === 'Warning').slice(-eventCount);
  if (warnings.length === 0) return [];
  return [
    '  Events:',
    ...warnings.map(
      (event) =>
        `    ${event.reason ?? ''}: ${event.message ?? ''}${(event.count ?? 1) > 1 ? ` (x${event.count ?? 1})` : ''}`,
    ),
  ];
}

export async function lastLines(
  connection: Connection,
  { namespace, name }: ObjectKey,
  container: string,
  previous: boolean,
): Promise<readonly string[]> {
  const query = new URLSearchParams({ container, tailLines: String(lineCount), previous: String(previous) });
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?${query.toString()}`;
  const { status, body } = await connection.http.fetch({ method: 'GET', path });
  const text = body.trimEnd();
  if (status !== 200 || text === '') return [];
  return [`  Last lines of container ${container}:`, ...text.split('\n').map((line) => `    ${line}`)];
}
