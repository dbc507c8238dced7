/** Events as lines of a table. */
import type { Event } from '../types/kinds/core/event.ts';
import type { Persisted } from '../types/meta.ts';
import { ageText } from '../types/table.ts';

export const eventHead = ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'] as const;

export function lastSeen(event: Persisted<Event>): string {
  return (
    event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? ''
  );
}

export function eventRow(event: Persisted<Event>, now: Date): readonly string[] {
  const { kind = '', name = '' } = event.involvedObject;
  const count = event.series?.count ?? event.count ?? 1;
  const seen = ageText(lastSeen(event), now);
  const first = event.firstTimestamp ?? event.eventTime ?? undefined;
  const age = count > 1 && first !== undefined ? `${seen} (x${count} over ${ageText(first, now)})` : seen;
  return [age, event.type ?? '', event.reason ?? '', `${kind.toLowerCase()}/${name}`, (event.message ?? '').trim()];
}

/** Oldest first. */
export function byTime(events: readonly Persisted<Event>[]): readonly Persisted<Event>[] {
  return [...events].sort((a, b) => (lastSeen(a) < lastSeen(b) ? -1 : 1));
}
