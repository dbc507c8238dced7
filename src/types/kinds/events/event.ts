import { defineKind } from '../../registry.ts';
import { checkNewEvent, checkNewEventUpdate } from '../../validation/events.ts';
import { Event as CoreEvent, eventColumns } from '../core/event.ts';
import type * as events_v1 from '../generated/events-v1.gen.ts';

export type Event = events_v1.Event;

/** Without the properties that are undefined, which no stored object has. */
function present<T extends object>(object: T): T {
  for (const [key, value] of Object.entries(object)) if (value === undefined) Reflect.deleteProperty(object, key);
  return object;
}

function toCore(event: Event): CoreEvent {
  return present({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: event.metadata,
    involvedObject: event.regarding ?? {},
    related: event.related,
    reason: event.reason,
    message: event.note,
    source: event.deprecatedSource,
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    count: event.deprecatedCount,
    type: event.type,
    eventTime: event.eventTime,
    series: event.series,
    action: event.action,
    reportingComponent: event.reportingController,
    reportingInstance: event.reportingInstance,
  });
}

/** An event of the old kind has no eventTime; Go clients read its absence as the zero time. */
function isEvent(object: object): object is Event {
  return 'apiVersion' in object && object.apiVersion === 'events.k8s.io/v1';
}

function fromCore(event: CoreEvent): Event {
  const object: object = present({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: event.metadata,
    eventTime: event.eventTime,
    regarding: event.involvedObject,
    related: event.related,
    reason: event.reason,
    note: event.message,
    deprecatedSource: event.source,
    deprecatedFirstTimestamp: event.firstTimestamp,
    deprecatedLastTimestamp: event.lastTimestamp,
    deprecatedCount: event.count,
    type: event.type,
    series: event.series,
    action: event.action,
    reportingController: event.reportingComponent,
    reportingInstance: event.reportingInstance,
  });
  if (!isEvent(object)) throw new TypeError('an event lost its apiVersion on the way');
  return object;
}

function isCoreEvent(object: { readonly apiVersion: string; readonly kind: string }): object is CoreEvent {
  return object.apiVersion === 'v1' && object.kind === 'Event';
}

export const Event = defineKind<Event>('events.k8s.io/v1', 'Event', {
  shortNames: ['ev'],
  columns: eventColumns.map((column) => ({
    ...column,
    cell: (event: Event, now: Date) => column.cell(toCore(event), now),
  })),
  // The source is only known to core events.
  selectableFields: (CoreEvent.selectableFields ?? [])
    .filter(({ path }) => path !== 'source')
    .map(({ path, value }) => ({
      path: path.replace('involvedObject.', 'regarding.').replace('reportingComponent', 'reportingController'),
      value: (event: Event) => value(toCore(event)),
    })),
  createOnUpdate: true,
  validated: true,
  storedAs: 'v1.Event',
  toStored: toCore,
  fromStored(stored) {
    if (!isCoreEvent(stored)) throw new TypeError(`${stored.apiVersion} ${stored.kind} is no stored event`);
    return fromCore(stored);
  },
  example: {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'web.1' },
    eventTime: '2024-01-01T00:00:00.000000Z',
    reason: 'Started',
    action: 'Starting',
    type: 'Normal',
    reportingController: 'example.com/starter',
    reportingInstance: 'starter-1',
    regarding: { kind: 'Pod', namespace: 'default', name: 'web' },
  },
  validate(event, issues) {
    checkNewEvent(toCore(event), issues);
  },
  validateUpdate(next, previous, issues) {
    checkNewEventUpdate(toCore(next), toCore(previous), issues);
  },
});
