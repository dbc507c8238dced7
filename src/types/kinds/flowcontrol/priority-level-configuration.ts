import { defineKind } from '../../registry.ts';
import type * as flowcontrol_v1 from '../generated/flowcontrol-v1.gen.ts';

export type PriorityLevelConfiguration = flowcontrol_v1.PriorityLevelConfiguration;

export const PriorityLevelConfiguration = defineKind<PriorityLevelConfiguration>(
  'flowcontrol.apiserver.k8s.io/v1',
  'PriorityLevelConfiguration',
);
