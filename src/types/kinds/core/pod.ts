import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Pod = core_v1.Pod;

export const Pod = defineKind<Pod>('v1', 'Pod', {
  shortNames: ['po'],
  categories: ['all'],
});
