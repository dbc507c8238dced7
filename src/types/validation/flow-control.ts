/** Rules of flow schemas and priority levels (flowcontrol validation). */
import type { IssueSink } from '../field-issue.ts';
import type * as flowcontrol from '../kinds/generated/flowcontrol-v1.gen.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../names.ts';
import { checkOneOf, checkPresent, checkRange } from './field-checks.ts';
import { invalidEach } from './metadata.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const MOST_PRECEDENCE = 10_000;
const MOST_QUEUES = 10_000_000;
const HASH_BITS = 60;

/** A list of names where a star stands alone. */
function checkStarred(
  list: readonly string[] | undefined,
  what: string,
  missing: string,
  at: IssueSink,
): readonly string[] {
  const entries = list ?? [];
  if (entries.length === 0) at.required(missing);
  else if (entries.includes('*')) {
    if (entries.length > 1) at.invalid(entries, `if '*' is present, must not specify other ${what}`);
  } else return entries;
  return [];
}

function checkVerbs(list: readonly string[] | undefined, at: IssueSink): void {
  const own = checkStarred(list, 'verbs', 'verbs must contain at least one value', at);
  if (own.some((verb) => !verbs.includes(verb))) at.notSupported(own, verbs);
}

function urlFault(path: string): string | undefined {
  if (path === '') return 'must not be empty';
  if (path === '/') return undefined;
  if (!path.startsWith('/')) return 'must start with slash';
  if (path.includes(' ')) return 'must not contain white-space';
  if (path.includes('//')) return 'must not contain double slash';
  const stars = path.split('*').length - 1;
  return stars > 1 || (stars === 1 && !path.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined;
}

function checkResourceRule(rule: flowcontrol.ResourcePolicyRule, at: IssueSink): void {
  checkVerbs(rule.verbs, at.at('verbs'));
  const one = 'resource rules must supply at least one';
  checkStarred(rule.apiGroups, 'api groups', `${one} api group`, at.at('apiGroups'));
  checkStarred(rule.resources, 'resources', `${one} resource`, at.at('resources'));
  const namespaces = at.at('namespaces');
  if (rule.clusterScope === true && (rule.namespaces ?? []).length === 0) return;
  const missing = 'resource rules that are not cluster scoped must supply at least one namespace';
  checkStarred(rule.namespaces, 'namespaces', missing, namespaces).forEach((name, index) => {
    for (const error of dns1123LabelErrors(name)) {
      namespaces.at(index).invalid(name, `each member of this list must be '*' or a DNS-1123 label; ${error}`);
    }
  });
}

function checkNonResourceRule(rule: flowcontrol.NonResourcePolicyRule, at: IssueSink): void {
  checkVerbs(rule.verbs, at.at('verbs'));
  const urls = at.at('nonResourceURLs');
  const missing = 'nonResourceURLs must contain at least one value';
  checkStarred(rule.nonResourceURLs, 'non-resource URLs', missing, urls).forEach((url, index) => {
    const fault = urlFault(url);
    if (fault !== undefined) urls.at(index).invalid(url, fault);
  });
}

const subjectFields = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const;

function isSubjectKind(kind: string): kind is keyof typeof subjectFields {
  return Object.hasOwn(subjectFields, kind);
}

function checkSubject(subject: flowcontrol.Subject, at: IssueSink): void {
  const { kind } = subject;
  if (!isSubjectKind(kind ?? '')) {
    at.at('kind').notSupported(kind ?? '', Object.keys(subjectFields).sort());
    return;
  }
  for (const [type, field] of Object.entries(subjectFields)) {
    const own = subject[field];
    if (type !== kind) {
      if (own) at.at(field).forbidden(`${field} is forbidden when subject kind is not '${type}'`);
    } else if (!own) at.at(field).required(`${field} is required when subject kind is '${type}'`);
    else if (checkPresent(own.name, at.at(field, 'name')) && 'namespace' in own && own.name !== '*') {
      invalidEach(at.at(field, 'name'), own.name, dns1123SubdomainErrors(own.name));
    }
  }
  if (kind !== 'ServiceAccount' || !subject.serviceAccount) return;
  const { namespace } = subject.serviceAccount;
  const place = at.at('serviceAccount', 'namespace');
  if (checkPresent(namespace, place, 'must specify namespace for service account')) {
    invalidEach(place, namespace, dns1123LabelErrors(namespace));
  }
}

export function checkFlowSchema(name: string, spec: flowcontrol.FlowSchemaSpec | undefined, at: IssueSink): void {
  const precedence = spec?.matchingPrecedence ?? 0;
  const place = at.at('matchingPrecedence');
  if (precedence <= 0) place.invalid(precedence, 'must be a positive value');
  if (precedence > MOST_PRECEDENCE) place.invalid(precedence, `must not be greater than ${MOST_PRECEDENCE}`);
  if (precedence === 1 && name !== 'exempt') {
    place.invalid(precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
  }
  const method = spec?.distinguisherMethod;
  if (method) checkOneOf(method.type, ['ByNamespace', 'ByUser'], at.at('distinguisherMethod', 'type'));
  const level = spec?.priorityLevelConfiguration?.name;
  const levelAt = at.at('priorityLevelConfiguration', 'name');
  if (checkPresent(level, levelAt, 'must reference a priority level')) {
    invalidEach(levelAt, level, dns1123SubdomainErrors(level));
  }
  spec?.rules?.forEach((rule, index) => {
    const own = at.at('rules', index);
    if ((rule.subjects ?? []).length === 0) own.at('subjects').required('subjects must contain at least one value');
    rule.subjects?.forEach((subject, s) => checkSubject(subject, own.at('subjects', s)));
    const { resourceRules = [], nonResourceRules = [] } = rule;
    if (resourceRules.length + nonResourceRules.length === 0) {
      own.required('at least one of resourceRules and nonResourceRules has to be non-empty');
    }
    resourceRules.forEach((each, r) => checkResourceRule(each, own.at('resourceRules', r)));
    nonResourceRules.forEach((each, r) => checkNonResourceRule(each, own.at('nonResourceRules', r)));
  });
}

/** Bits of a hash that choosing `hand` out of `deck` takes (shuffle sharding). */
function entropyBits(deck: number, hand: number): number {
  let bits = 0;
  for (let i = 0; i < hand; i += 1) bits += Math.log2(deck - i);
  return Math.ceil(bits);
}

function checkQueuing(queuing: flowcontrol.QueuingConfiguration, at: IssueSink): void {
  const { queueLengthLimit = 0, queues = 0, handSize = 0 } = queuing;
  if (queueLengthLimit <= 0) at.at('queueLengthLimit').invalid(queueLengthLimit, 'must be positive');
  if (queues <= 0) at.at('queues').invalid(queues, 'must be positive');
  else if (queues > MOST_QUEUES) at.at('queues').invalid(queues, `must not be greater than ${MOST_QUEUES}`);
  const hand = at.at('handSize');
  if (handSize <= 0) hand.invalid(handSize, 'must be positive');
  else if (handSize > queues) hand.invalid(handSize, `should not be greater than queues (${queues})`);
  // More cards than bits can never fit, and need no sum to say so.
  else if (handSize > HASH_BITS || entropyBits(queues, handSize) > HASH_BITS) {
    const text = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS}`;
    hand.invalid(handSize, text);
  }
}

function checkLimited(limited: flowcontrol.LimitedPriorityLevelConfiguration, at: IssueSink): void {
  const shares = limited.nominalConcurrencyShares ?? 0;
  if (shares < 0) at.at('nominalConcurrencyShares').invalid(shares, 'must be a non-negative integer');
  const { limitResponse: response, lendablePercent, borrowingLimitPercent } = limited;
  const place = at.at('limitResponse');
  if (response?.type === 'Reject') {
    if (response.queuing) {
      place.at('queuing').forbidden('must be nil if limited.limitResponse.type is not Limited');
    }
  } else if (response?.type === 'Queue') {
    if (response.queuing) checkQueuing(response.queuing, place.at('queuing'));
    else place.at('queuing').required('must not be empty if limited.limitResponse.type is Limited');
  } else place.at('type').notSupported(response?.type ?? '', ['Queue', 'Reject']);
  checkRange(lendablePercent, 0, 100, at.at('lendablePercent'));
  if (borrowingLimitPercent !== undefined && borrowingLimitPercent < 0) {
    at.at('borrowingLimitPercent').invalid(borrowingLimitPercent, 'if specified, must be a non-negative integer');
  }
}

export function checkPriorityLevel(
  name: string,
  spec: flowcontrol.PriorityLevelConfigurationSpec | undefined,
  at: IssueSink,
): void {
  const type = spec?.type ?? '';
  if ((name === 'exempt') !== (type === 'Exempt')) {
    at.at('type').invalid(type, "type must be 'Exempt' if and only if `name` is 'exempt'");
  }
  if (type === 'Exempt') {
    if (spec?.limited) at.at('limited').forbidden('must be nil if the type is not Limited');
    const shares = spec?.exempt?.nominalConcurrencyShares ?? 0;
    if (shares < 0) at.at('exempt', 'nominalConcurrencyShares').invalid(shares, 'must be a non-negative integer');
    checkRange(spec?.exempt?.lendablePercent, 0, 100, at.at('exempt', 'lendablePercent'));
  } else if (type === 'Limited') {
    if (spec?.exempt) at.at('exempt').forbidden('must be nil if the type is Limited');
    if (spec?.limited) checkLimited(spec.limited, at.at('limited'));
    else at.at('limited').required('must not be empty when type is Limited');
  } else at.at('type').notSupported(type, ['Exempt', 'Limited']);
}

/** Two conditions of one type contradict each other. */
export function checkUniqueConditions(
  conditions: readonly { readonly type?: string | undefined }[] | undefined,
  at: IssueSink,
): void {
  const types = (conditions ?? []).map(({ type }) => type ?? '');
  types.forEach((type, index) => {
    if (types.indexOf(type) < index) at.at(index, 'type').duplicate(type);
    if (type === '') at.at(index, 'type').required('must not be empty');
  });
}
