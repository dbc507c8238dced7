/** Which flow schema a request belongs to (KEP-1040). Pure. */
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../../types/kinds/generated/flowcontrol-v1.gen.ts';
import type { UserInfo } from '../request.ts';
import type { RequestInfo, ResourceInfo } from '../request-info.ts';

/** Schemas in the order they are asked in: by precedence, then by name. */
export function inMatchingOrder(schemas: readonly FlowSchema[]): readonly FlowSchema[] {
  const precedence = ({ spec }: FlowSchema): number => spec?.matchingPrecedence ?? 0;
  const name = ({ metadata }: FlowSchema): string => metadata.name ?? '';
  return [...schemas].sort((a, b) => precedence(a) - precedence(b) || (name(a) < name(b) ? -1 : 1));
}

export function matches({ spec }: FlowSchema, info: RequestInfo, user: UserInfo): boolean {
  return (spec?.rules ?? []).some((rule) => matchesRule(rule, info, user));
}

function matchesRule(rule: PolicyRulesWithSubjects, info: RequestInfo, user: UserInfo): boolean {
  if (!rule.subjects.some((subject) => isSubject(subject, user))) return false;
  if (info.isResourceRequest) return (rule.resourceRules ?? []).some((each) => matchesResource(each, info));
  return (rule.nonResourceRules ?? []).some((each) => matchesPath(each, info.verb, info.path));
}

function isSubject({ user: byName, group, serviceAccount }: Subject, user: UserInfo): boolean {
  if (byName) return byName.name === '*' || byName.name === user.username;
  if (group) return group.name === '*' || user.groups.includes(group.name);
  if (!serviceAccount) return false;
  const start = `system:serviceaccount:${serviceAccount.namespace}:`;
  return serviceAccount.name === '*'
    ? user.username.startsWith(start)
    : user.username === `${start}${serviceAccount.name}`;
}

function matchesResource(rule: ResourcePolicyRule, info: ResourceInfo): boolean {
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`;
  return (
    has(rule.verbs, info.verb) &&
    has(rule.apiGroups, info.group) &&
    has(rule.resources, resource) &&
    (info.namespace === '' ? rule.clusterScope === true : has(rule.namespaces ?? [], info.namespace))
  );
}

function matchesPath(rule: NonResourcePolicyRule, verb: string, path: string): boolean {
  return has(rule.verbs, verb) && rule.nonResourceURLs.some((url) => isBelow(url, path));
}

/** `/healthz/*` names all that is below. */
function isBelow(url: string, path: string): boolean {
  if (url === '*' || url === path) return true;
  return url.endsWith('/*') && path.startsWith(url.slice(0, -1));
}

function has(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}
