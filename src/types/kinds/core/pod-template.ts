import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type PodTemplate = core_v1.PodTemplate;

export const PodTemplate = defineKind<PodTemplate>('v1', 'PodTemplate');
