import { MASTERS_GROUP, rulesFor } from '../authorization.ts';
import { textOf } from '../fields.ts';
import { objectAnswer } from '../request-context.ts';
import { badRequest } from '../status-error.ts';
import { answered, questionOf } from './review.ts';
import type { Review } from './review.ts';

/** What the asker may do in a namespace, for `kubectl auth can-i --list`. */
export const selfSubjectRulesReview: Review = {
  typeName: 'authorization.k8s.io/v1.SelfSubjectRulesReview',
  create: async (context) => {
    const draft = questionOf(context);
    const namespace = textOf(draft, 'spec', 'namespace');
    if (namespace === '') throw badRequest('no namespace on request');
    const { user } = context.request;
    const { rules, error } = rulesFor(user, namespace, context.parts.roles);
    const everything = user.groups.includes(MASTERS_GROUP);
    const resourceRules = rules
      .filter((rule) => (rule.resources ?? []).length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames ? { resourceNames } : {}),
      }));
    const nonResourceRules = rules
      .filter((rule) => (rule.nonResourceURLs ?? []).length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
    if (everything) {
      resourceRules.unshift({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] });
      nonResourceRules.unshift({ verbs: ['*'], nonResourceURLs: ['*'] });
    }
    const status = {
      resourceRules,
      nonResourceRules,
      incomplete: error !== '',
      ...(error === '' ? {} : { evaluationError: error }),
    };
    return objectAnswer(201, answered(draft, status));
  },
};
