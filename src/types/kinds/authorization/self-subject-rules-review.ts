import { defineKind } from '../../registry.ts';
import type * as authorization_v1 from '../generated/authorization-v1.gen.ts';

export type SelfSubjectRulesReview = authorization_v1.SelfSubjectRulesReview;

export const SelfSubjectRulesReview = defineKind<SelfSubjectRulesReview>(
  'authorization.k8s.io/v1',
  'SelfSubjectRulesReview',
  {
    // Nothing to check: a question without a namespace is a bad request, which the server answers itself.
    validated: true,
    example: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      metadata: {},
      spec: { namespace: 'default' },
    },
  },
);
