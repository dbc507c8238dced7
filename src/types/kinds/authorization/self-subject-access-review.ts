import { defineKind } from '../../registry.ts';
import type * as authorization_v1 from '../generated/authorization-v1.gen.ts';

export type SelfSubjectAccessReview = authorization_v1.SelfSubjectAccessReview;

export const SelfSubjectAccessReview = defineKind<SelfSubjectAccessReview>(
  'authorization.k8s.io/v1',
  'SelfSubjectAccessReview',
);
