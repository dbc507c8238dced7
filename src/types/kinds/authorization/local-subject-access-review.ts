import { defineKind } from '../../registry.ts';
import type * as authorization_v1 from '../generated/authorization-v1.gen.ts';

export type LocalSubjectAccessReview = authorization_v1.LocalSubjectAccessReview;

export const LocalSubjectAccessReview = defineKind<LocalSubjectAccessReview>(
  'authorization.k8s.io/v1',
  'LocalSubjectAccessReview',
);
