import { defineKind } from '../../registry.ts';
import { checkBareMetadata, checkQuestion, checkSubject } from '../../validation/reviews.ts';
import type * as authorization_v1 from '../generated/authorization-v1.gen.ts';

export type LocalSubjectAccessReview = authorization_v1.LocalSubjectAccessReview;

export const LocalSubjectAccessReview = defineKind<LocalSubjectAccessReview>(
  'authorization.k8s.io/v1',
  'LocalSubjectAccessReview',
  {
    validated: true,
    example: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'LocalSubjectAccessReview',
      metadata: { namespace: 'default' },
      spec: { user: 'jane', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } },
    },
    validate({ metadata, spec }, issues) {
      const at = issues.at('spec');
      const { namespace, ...rest } = metadata ?? {};
      checkQuestion(spec, at);
      checkSubject(spec, at);
      checkBareMetadata(rest, issues);
      if (spec?.resourceAttributes && spec.resourceAttributes.namespace !== namespace) {
        const asked = spec.resourceAttributes.namespace ?? '';
        at.at('resourceAttributes', 'namespace').invalid(asked, 'must match metadata.namespace');
      }
      if (spec?.nonResourceAttributes) {
        at.at('nonResourceAttributes').invalid(spec.nonResourceAttributes, 'disallowed on this kind of request');
      }
    },
  },
);
