/** What the expressions of a policy speak of. */
import type { KindDefinition } from '../../../../types/define-kind.ts';
import { Authorizer } from '../../../../types/cel/authorizer.ts';
import { CelError } from '../../../../types/cel/expression.ts';
import type { CelBudget, CelExpression } from '../../../../types/cel/expression.ts';
import { celValue } from '../../../../types/cel/values.ts';
import type { CelValue } from '../../../../types/cel/values.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import { authorize, serviceAccountUser } from '../../authorization.ts';
import type { Roles } from '../../authorization.ts';
import type { UserInfo } from '../../request.ts';
import type { DocumentKind } from '../../subresources/subresource.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { shownAs } from './shown-object.ts';
import type { Subject } from './matching.ts';

export type Values = Readonly<Record<string, CelValue>>;

/** Values that are the same for every policy that sees the request in one version. */
export function requestValues(subject: Subject, kind: KindDefinition, roles: Roles): Values {
  const { request, object, namespace } = subject;
  const shown = (each: KubeObject | undefined): CelValue => celValue(shownAs(kind, request, each) ?? null);
  return {
    object: shown(object),
    oldObject: shown(request.previous),
    request: celValue(requestAttributes(request, kind)),
    namespaceObject: celValue(namespace ?? null),
    authorizer: authorizerOf(request, roles),
  };
}

/** The request as AdmissionReview has it (admission/v1, AdmissionRequest). */
export function requestAttributes(request: AdmissionRequest, kind: KindDefinition): Record<string, unknown> {
  const { user, subresource, operation, namespace, name, dryRun, document } = request;
  const named = ({ group, version, kind: text }: DocumentKind) => ({ group, version, kind: text });
  const resource = ({ group, version, plural }: KindDefinition) => ({ group, version, resource: plural });
  return {
    kind: named(document ?? kind),
    resource: resource(kind),
    subResource: subresource,
    requestKind: named(document ?? request.kind),
    requestResource: resource(request.kind),
    requestSubResource: subresource,
    name,
    namespace,
    operation,
    userInfo: {
      username: user.username,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      groups: user.groups,
      extra: user.extra ?? {},
    },
    dryRun,
    options: operation === 'CONNECT' ? null : { apiVersion: 'meta.k8s.io/v1', kind: optionsKinds[operation] },
  };
}

const optionsKinds: Readonly<Record<Exclude<AdmissionRequest['operation'], 'CONNECT'>, string>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

function authorizerOf({ user, kind, namespace, name, subresource }: AdmissionRequest, roles: Roles): Authorizer {
  const resource = { group: kind.group, resource: kind.plural, subresource, namespace, name };
  return new Authorizer((question) => {
    const { verb, path, serviceAccount, ...asked } = question;
    const who: UserInfo = serviceAccount ? accountUser(serviceAccount.namespace, serviceAccount.name) : user;
    return path === ''
      ? authorize({ ...asked, isResourceRequest: true, user: who, verb }, roles)
      : authorize({ isResourceRequest: false, user: who, verb, path }, roles);
  }, resource);
}

function accountUser(namespace: string, name: string): UserInfo {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { username: serviceAccountUser(namespace, name), groups };
}

/** `variables`: each is worked out when it is first asked for, with what stands before it (KEP-3488, variable composition). */
export function lazyVariables(
  variables: ReadonlyMap<string, CelExpression | CelError>,
  values: Values,
  budget: CelBudget,
): CelValue {
  const known = new Map<string, CelValue>();
  const lazy = new Map<string, CelValue>();
  const get = (name: string): CelValue => {
    if (known.has(name)) return known.get(name);
    const expression = variables.get(name);
    if (!expression) return undefined;
    if (expression instanceof CelError) throw expression;
    const value = expression.evaluate({ ...values, variables: lazy }, budget);
    known.set(name, value);
    return value;
  };
  return Object.assign(lazy, { get });
}
