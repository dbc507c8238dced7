import type { Column } from '../../define-kind.ts';
import { defineKind } from '../../registry.ts';
import { ageText, nameColumn, textColumn, wideColumn } from '../../table.ts';
import { checkCoreEvent } from '../../validation/events.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Event = core_v1.Event;

function lastSeen(event: Event, now: Date): string {
  const time = event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp;
  const first = event.firstTimestamp ?? event.eventTime;
  const count = event.series?.count ?? event.count ?? 1;
  const age = ageText(time, now);
  return event.series !== undefined && count > 1 && first !== undefined
    ? `${age} (x${count} over ${ageText(first, now)})`
    : age;
}

function sourceText({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component ?? reportingComponent ?? '';
  const host = source?.host ?? reportingInstance ?? '';
  return host === '' ? component : `${component}, ${host}`;
}

/** Upstream prints events without Age. */
export const eventColumns: readonly Column<Event>[] = [
  textColumn('Last Seen', lastSeen),
  textColumn('Type', ({ type }) => type ?? ''),
  textColumn('Reason', ({ reason }) => reason ?? ''),
  textColumn('Object', ({ involvedObject }) => {
    const kind = (involvedObject.kind ?? '').toLowerCase();
    return (involvedObject.name ?? '') === '' ? kind : `${kind}/${involvedObject.name ?? ''}`;
  }),
  wideColumn('Subobject', ({ involvedObject }) => involvedObject.fieldPath ?? ''),
  wideColumn('Source', sourceText),
  textColumn('Message', ({ message }) => (message ?? '').trim()),
  wideColumn('First Seen', (event, now) => ageText(event.firstTimestamp ?? event.eventTime, now)),
  wideColumn('Count', ({ series, count }) => String(series?.count ?? count ?? 1)),
  { ...nameColumn, priority: 1 },
];

export const Event = defineKind<Event>('v1', 'Event', {
  shortNames: ['ev'],
  columns: eventColumns,
  createOnUpdate: true,
  validated: true,
  storedAs: 'v1.Event',
  selectableFields: [
    { path: 'involvedObject.kind', value: ({ involvedObject }) => involvedObject.kind ?? '' },
    { path: 'involvedObject.namespace', value: ({ involvedObject }) => involvedObject.namespace ?? '' },
    { path: 'involvedObject.name', value: ({ involvedObject }) => involvedObject.name ?? '' },
    { path: 'involvedObject.uid', value: ({ involvedObject }) => involvedObject.uid ?? '' },
    { path: 'involvedObject.apiVersion', value: ({ involvedObject }) => involvedObject.apiVersion ?? '' },
    { path: 'involvedObject.resourceVersion', value: ({ involvedObject }) => involvedObject.resourceVersion ?? '' },
    { path: 'involvedObject.fieldPath', value: ({ involvedObject }) => involvedObject.fieldPath ?? '' },
    { path: 'reason', value: ({ reason }) => reason ?? '' },
    { path: 'reportingComponent', value: ({ reportingComponent }) => reportingComponent ?? '' },
    { path: 'source', value: ({ source, reportingComponent }) => source?.component ?? reportingComponent ?? '' },
    { path: 'type', value: ({ type }) => type ?? '' },
  ],
  example: {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'web.1' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' },
    reason: 'Started',
    type: 'Normal',
  },
  validate: checkCoreEvent,
});
