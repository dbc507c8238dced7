import { defineKind } from '../../registry.ts';
import type * as scheduling_v1 from '../generated/scheduling-v1.gen.ts';

export type PriorityClass = scheduling_v1.PriorityClass;

export const PriorityClass = defineKind<PriorityClass>('scheduling.k8s.io/v1', 'PriorityClass', {
  shortNames: ['pc'],
});
