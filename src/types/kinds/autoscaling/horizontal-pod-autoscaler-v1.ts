import { defineKind } from '../../registry.ts';
import type * as autoscaling_v1 from '../generated/autoscaling-v1.gen.ts';

export type HorizontalPodAutoscaler = autoscaling_v1.HorizontalPodAutoscaler;

export const HorizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>(
  'autoscaling/v1',
  'HorizontalPodAutoscaler',
  {
    shortNames: ['hpa'],
    categories: ['all'],
  },
);
