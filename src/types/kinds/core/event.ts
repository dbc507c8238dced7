import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Event = core_v1.Event;

export const Event = defineKind<Event>('v1', 'Event', {
  shortNames: ['ev'],
});
