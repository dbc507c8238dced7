import { defineKind } from '../../registry.ts';
import { checkBareMetadata, checkQuestion } from '../../validation/reviews.ts';
import type * as authorization_v1 from '../generated/authorization-v1.gen.ts';

export type SelfSubjectAccessReview = authorization_v1.SelfSubjectAccessReview;

export const SelfSubjectAccessReview = defineKind<SelfSubjectAccessReview>(
  'authorization.k8s.io/v1',
  'SelfSubjectAccessReview',
  {
    validated: true,
    example: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: { resourceAttributes: { verb: 'create', group: 'apps', resource: 'deployments', namespace: 'default' } },
    },
    validate({ metadata, spec }, issues) {
      checkQuestion(spec, issues.at('spec'));
      checkBareMetadata(metadata ?? {}, issues);
    },
  },
);
