/** Rules and defaults of webhook configurations (admissionregistration validation). */
import type { IssueSink } from '../field-issue.ts';
import type * as admission from '../kinds/generated/admissionregistration-v1.gen.ts';
import type { Draft } from '../meta.ts';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../names.ts';
import { checkOneOf, checkOptionalOneOf, checkPresent } from './field-checks.ts';
import { checkLabelSelector } from './label-selector.ts';
import { invalidEach } from './metadata.ts';
import { checkExpressionText, webhookVariables } from './policy-expressions.ts';

type Webhook = admission.ValidatingWebhook | admission.MutatingWebhook;

interface ServiceTarget {
  readonly name: string;
  readonly namespace: string;
  readonly path?: string | undefined;
  readonly port?: number | undefined;
}

const urlForm = 'desired format: https://host[/path]';

export function checkWebhookUrl(url: string, at: IssueSink): void {
  let parsed: URL | undefined;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] ?? '';
  if (URL.canParse(url)) parsed = new URL(url);
  if (scheme !== 'https') at.invalid(scheme, `'https' is the only allowed URL scheme; ${urlForm}`);
  // The parser would take the first part of the path for the host that is missing.
  const host = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(url) ? (parsed?.host ?? '') : '';
  if (host === '') at.invalid(host, `host must be provided; ${urlForm}`);
  if (parsed && parsed.username !== '') at.invalid(parsed.username, 'user information is not permitted in the URL');
  if (parsed && parsed.hash !== '') at.invalid(parsed.hash.slice(1), 'fragments are not permitted in the URL');
  if (parsed && parsed.search !== '')
    at.invalid(parsed.search.slice(1), 'query parameters are not permitted in the URL');
}

export function checkWebhookService(service: ServiceTarget, at: IssueSink): void {
  checkPresent(service.name, at.at('name'), 'service name is required');
  checkPresent(service.namespace, at.at('namespace'), 'service namespace is required');
  const port = service.port ?? 443;
  if (port < 1 || port > 65_535) {
    at.at('port').invalid(port, 'port is not valid: must be between 1 and 65535, inclusive');
  }
  const path = service.path ?? '';
  if (path === '' || path === '/') return;
  if (!path.startsWith('/')) at.at('path').invalid(path, "must start with a '/'");
  if (!path.startsWith('/')) at.at('path').invalid(path, 'segment[0] may not be empty');
  const segments = path.slice(1).replace(/\/$/, '').split('/');
  segments.forEach((segment, index) => {
    if (segment === '') at.at('path').invalid(path, `segment[${index}] may not be empty`);
    else
      for (const error of dns1123SubdomainErrors(segment)) at.at('path').invalid(path, `segment[${index}]: ${error}`);
  });
}

const versions = 'must specify one of v1, v1beta1';

export function checkReviewVersions(list: readonly string[] | undefined, at: IssueSink, missing = versions): void {
  if (!list || list.length === 0) {
    at.required(missing);
    return;
  }
  const seen = new Set<string>();
  list.forEach((version, index) => {
    if (seen.has(version)) at.at(index).invalid(version, 'duplicate version');
    seen.add(version);
    if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(version)) {
      at.at(index).invalid(
        version,
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      );
    }
  });
  if (!list.includes('v1') && !list.includes('v1beta1')) {
    at.invalid(list, 'must include at least one of v1, v1beta1');
  }
}

/** Entries of one list of a rule: none missing, none empty, a star alone. */
function checkList(list: readonly string[] | undefined, what: string, at: IssueSink, mayBeEmpty: boolean): void {
  if (!list || list.length === 0) {
    at.required();
    return;
  }
  if (list.length > 1 && list.includes('*')) at.invalid(list, `if '*' is present, must not specify other ${what}`);
  if (mayBeEmpty) return;
  list.forEach((entry, index) => {
    if (entry === '') at.at(index).required();
  });
}

function checkResources(list: readonly string[] | undefined, at: IssueSink): void {
  if (!list || list.length === 0) {
    at.required();
    return;
  }
  const anyOf = new Set<string>();
  const inAll = new Set<string>();
  list.forEach((entry, index) => {
    const place = at.at(index);
    if (entry === '') place.required();
    const [resource = '', subresource] = entry.split('/');
    if (subresource === undefined) return;
    if (anyOf.has(resource) && resource !== '*')
      place.invalid(entry, `if '${resource}/*' is present, must not specify ${entry}`);
    if (inAll.has(subresource) && resource !== '*')
      place.invalid(entry, `if '*/${subresource}' is present, must not specify ${entry}`);
    if (subresource === '*') anyOf.add(resource);
    if (resource === '*') inAll.add(subresource);
  });
  if (list.length > 1 && list.includes('*/*'))
    at.invalid(list, "if '*/*' is present, must not specify other resources");
  if (list.includes('*') && list.some((entry) => entry !== '*' && !entry.includes('/'))) {
    at.invalid(list, "if '*' is present, must not specify other resources without subresources");
  }
}

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

export function checkRule(rule: admission.RuleWithOperations, at: IssueSink): void {
  const list: readonly string[] = rule.operations ?? [];
  checkList(list, 'operations', at.at('operations'), true);
  list.forEach((operation, index) => {
    if (!operations.includes(operation)) at.at('operations', index).notSupported(operation, operations);
  });
  checkList(rule.apiGroups, 'API groups', at.at('apiGroups'), true);
  checkList(rule.apiVersions, 'API versions', at.at('apiVersions'), false);
  checkResources(rule.resources, at.at('resources'));
  checkOptionalOneOf(rule.scope, ['*', 'Cluster', 'Namespaced'], at.at('scope'));
}

function checkTarget(config: admission.WebhookClientConfig | undefined, at: IssueSink): void {
  if ((config?.url === undefined) === (config?.service === undefined)) {
    at.required('exactly one of url or service is required');
    return;
  }
  if (config?.url !== undefined) checkWebhookUrl(config.url, at.at('url'));
  if (config?.service) checkWebhookService(config.service, at.at('service'));
}

const MOST_CONDITIONS = 64;

export function checkMatchConditions(
  conditions: readonly admission.MatchCondition[] | undefined,
  variables: readonly string[],
  at: IssueSink,
): void {
  const names = new Set<string>();
  if ((conditions ?? []).length > MOST_CONDITIONS) at.tooMany(conditions?.length ?? 0, MOST_CONDITIONS);
  conditions?.forEach(({ name, expression }, index) => {
    const place = at.at(index);
    if ((expression ?? '').trim() === '') place.at('expression').required();
    else checkExpressionText(expression, variables, 'bool', place.at('expression'));
    if (checkPresent(name, place.at('name'))) {
      invalidEach(place.at('name'), name, qualifiedNameErrors(name));
      if (names.has(name)) place.at('name').duplicate(name);
      names.add(name);
    }
  });
}

export function checkWebhooks(webhooks: readonly Webhook[] | undefined, at: IssueSink): void {
  const names = new Set<string>();
  webhooks?.forEach((webhook, index) => {
    const place = at.at(index);
    const name = webhook.name ?? '';
    if (name === '') place.at('name').required();
    else {
      invalidEach(place.at('name'), name, dns1123SubdomainErrors(name));
      if (name.split('.').length < 3) {
        place.at('name').invalid(name, 'should be a domain with at least three segments separated by dots');
      }
    }
    if (names.has(name)) place.at('name').duplicate(name);
    names.add(name);
    webhook.rules?.forEach((rule, r) => checkRule(rule, place.at('rules', r)));
    checkOptionalOneOf(webhook.failurePolicy, ['Fail', 'Ignore'], place.at('failurePolicy'));
    checkOptionalOneOf(webhook.matchPolicy, ['Equivalent', 'Exact'], place.at('matchPolicy'));
    const effects: string | undefined = webhook.sideEffects;
    if (effects === undefined) place.at('sideEffects').required('must specify one of None, NoneOnDryRun');
    else checkOneOf(effects, ['None', 'NoneOnDryRun'], place.at('sideEffects'));
    const seconds = webhook.timeoutSeconds ?? 10;
    if (seconds < 1 || seconds > 30) {
      place.at('timeoutSeconds').invalid(seconds, 'the timeout value must be between 1 and 30 seconds');
    }
    checkLabelSelector(webhook.namespaceSelector, place.at('namespaceSelector'));
    checkLabelSelector(webhook.objectSelector, place.at('objectSelector'));
    checkMatchConditions(webhook.matchConditions, webhookVariables, place.at('matchConditions'));
    checkTarget(webhook.clientConfig, place.at('clientConfig'));
    checkReviewVersions(webhook.admissionReviewVersions, place.at('admissionReviewVersions'));
    if ('reinvocationPolicy' in webhook) {
      checkOptionalOneOf(webhook.reinvocationPolicy, ['IfNeeded', 'Never'], place.at('reinvocationPolicy'));
    }
  });
}

export function defaultWebhook(webhook: Draft<Webhook>): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  for (const rule of webhook.rules ?? []) rule.scope ??= '*';
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
}
