/** SubjectAccessReview and its kin: may somebody do something? */
import { collectIssues } from '../../../types/field-issue.ts';
import { authorize } from '../authorization.ts';
import type { Attributes } from '../authorization.ts';
import { fieldOf, listOf, recordOf, textOf } from '../fields.ts';
import { objectAnswer } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import type { UserInfo } from '../request.ts';
import { badRequest, invalid } from '../status-error.ts';
import { answered, questionOf } from './review.ts';
import type { Review } from './review.ts';

const GROUP = 'authorization.k8s.io/v1';

export const selfSubjectAccessReview: Review = {
  typeName: `${GROUP}.SelfSubjectAccessReview`,
  create: (context) => review(context, () => context.request.user),
};
export const subjectAccessReview: Review = {
  typeName: `${GROUP}.SubjectAccessReview`,
  create: (context) => review(context, askedUser),
};
export const localSubjectAccessReview: Review = {
  typeName: `${GROUP}.LocalSubjectAccessReview`,
  create: (context) => review(context, askedUser),
};

async function review(context: RequestContext, userOf: (spec: unknown) => UserInfo): Promise<Answer> {
  const draft = questionOf(context);
  const spec = draft['spec'];
  checkQuestion(context, spec);
  const { allowed, reason } = authorize(attributesOf(spec, userOf(spec)), context.parts.roles);
  return objectAnswer(201, answered(draft, { allowed, ...(reason === '' ? {} : { reason }) }));
}

function checkQuestion({ kind, info }: RequestContext, spec: unknown): void {
  const [resource, path] = [fieldOf(spec, 'resourceAttributes'), fieldOf(spec, 'nonResourceAttributes')];
  const self = kind.kind === 'SelfSubjectAccessReview';
  const issues = collectIssues((sink) => {
    const at = sink.at('spec');
    const both = resource !== undefined && path !== undefined;
    const neither = resource === undefined && path === undefined;
    if (both)
      at.at('nonResourceAttributes').invalid('null', 'cannot be specified in combination with resourceAttributes');
    if (neither)
      at.at('resourceAttributes').invalid(
        'null',
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      );
    if (!self && textOf(spec, 'user') === '' && listOf(spec, 'groups').length === 0) {
      at.at('user').invalid('', 'at least one of user or group must be specified');
    }
  });
  if (issues.length > 0) throw invalid(kind, '', issues);
  const namespace = textOf(resource, 'namespace');
  if (kind.scope === 'Namespaced' && namespace !== info.namespace) {
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${info.namespace}`);
  }
}

function askedUser(spec: unknown): UserInfo {
  const extra = Object.entries(recordOf(spec, 'extra')).map(
    ([key, values]) => [key, Array.isArray(values) ? values.map(String) : []] as const,
  );
  return {
    username: textOf(spec, 'user'),
    uid: textOf(spec, 'uid'),
    groups: listOf(spec, 'groups').map(String),
    extra: Object.fromEntries(extra),
  };
}

function attributesOf(spec: unknown, user: UserInfo): Attributes {
  const path = fieldOf(spec, 'nonResourceAttributes');
  if (path !== undefined)
    return { isResourceRequest: false, user, verb: textOf(path, 'verb'), path: textOf(path, 'path') };
  const resource = fieldOf(spec, 'resourceAttributes');
  const [verb, group, name, subresource, namespace] = ['verb', 'group', 'name', 'subresource', 'namespace'].map(
    (field) => textOf(resource, field),
  );
  return {
    isResourceRequest: true,
    user,
    verb: verb ?? '',
    group: group ?? '',
    resource: textOf(resource, 'resource'),
    subresource: subresource ?? '',
    namespace: namespace ?? '',
    name: name ?? '',
  };
}
