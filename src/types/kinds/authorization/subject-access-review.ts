import { defineKind } from '../../registry.ts';
import type * as authorization_v1 from '../generated/authorization-v1.gen.ts';

export type SubjectAccessReview = authorization_v1.SubjectAccessReview;

export const SubjectAccessReview = defineKind<SubjectAccessReview>('authorization.k8s.io/v1', 'SubjectAccessReview');
