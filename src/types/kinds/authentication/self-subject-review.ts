import { defineKind } from '../../registry.ts';
import type * as authentication_v1 from '../generated/authentication-v1.gen.ts';

export type SelfSubjectReview = authentication_v1.SelfSubjectReview;

export const SelfSubjectReview = defineKind<SelfSubjectReview>('authentication.k8s.io/v1', 'SelfSubjectReview', {
  // Nothing to check: the question is who asks.
  validated: true,
  example: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} },
});
