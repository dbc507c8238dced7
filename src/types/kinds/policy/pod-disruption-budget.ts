import { defineKind } from '../../registry.ts';
import type * as policy_v1 from '../generated/policy-v1.gen.ts';

export type PodDisruptionBudget = policy_v1.PodDisruptionBudget;

export const PodDisruptionBudget = defineKind<PodDisruptionBudget>('policy/v1', 'PodDisruptionBudget', {
  shortNames: ['pdb'],
});
