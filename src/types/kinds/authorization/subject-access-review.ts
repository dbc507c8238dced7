import { defineKind } from '../../registry.ts';
import { checkBareMetadata, checkQuestion, checkSubject } from '../../validation/reviews.ts';
import type * as authorization_v1 from '../generated/authorization-v1.gen.ts';

export type SubjectAccessReview = authorization_v1.SubjectAccessReview;

export const SubjectAccessReview = defineKind<SubjectAccessReview>('authorization.k8s.io/v1', 'SubjectAccessReview', {
  validated: true,
  example: {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: { user: 'jane', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } },
  },
  validate({ metadata, spec }, issues) {
    checkQuestion(spec, issues.at('spec'));
    checkSubject(spec, issues.at('spec'));
    checkBareMetadata(metadata ?? {}, issues);
  },
});
