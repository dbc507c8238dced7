import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type ComponentStatus = core_v1.ComponentStatus;

export const ComponentStatus = defineKind<ComponentStatus>('v1', 'ComponentStatus', {
  shortNames: ['cs'],
});
