import { defineKind } from '../../registry.ts';
import type * as authorization_v1 from '../generated/authorization-v1.gen.ts';

export type SelfSubjectRulesReview = authorization_v1.SelfSubjectRulesReview;

export const SelfSubjectRulesReview = defineKind<SelfSubjectRulesReview>(
  'authorization.k8s.io/v1',
  'SelfSubjectRulesReview',
);
