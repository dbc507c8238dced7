import { defineKind } from '../../registry.ts';
import type * as autoscaling_v2 from '../generated/autoscaling-v2.gen.ts';

export type HorizontalPodAutoscaler = autoscaling_v2.HorizontalPodAutoscaler;

export const HorizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
  {
    shortNames: ['hpa'],
    categories: ['all'],
  },
);
