import { defineKind } from '../../registry.ts';
import type * as events_v1 from '../generated/events-v1.gen.ts';

export type Event = events_v1.Event;

export const Event = defineKind<Event>('events.k8s.io/v1', 'Event', {
  shortNames: ['ev'],
});
