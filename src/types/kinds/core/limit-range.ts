import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type LimitRange = core_v1.LimitRange;

export const LimitRange = defineKind<LimitRange>('v1', 'LimitRange', {
  shortNames: ['limits'],
});
