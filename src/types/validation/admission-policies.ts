/** Rules of admission policies and their bindings (admissionregistration validation). */
import type { IssueSink } from '../field-issue.ts';
import type * as admission from '../kinds/generated/admissionregistration-v1.gen.ts';
import type { Draft } from '../meta.ts';
import { dns1123SubdomainErrors, identifierErrors, qualifiedNameErrors } from '../names.ts';
import { checkOneOf, checkOptionalOneOf, checkPresent, isBlank } from './field-checks.ts';
import { checkLabelSelector } from './label-selector.ts';
import { invalidEach } from './metadata.ts';
import { withMapLiterals } from '../cel/object-literals.ts';
import { checkExpressionText, policyVariables } from './policy-expressions.ts';
import { checkMatchConditions, checkRule } from './webhooks.ts';

const MOST_ANNOTATIONS = 20;
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];

type PolicySpec = admission.ValidatingAdmissionPolicySpec | admission.MutatingAdmissionPolicySpec;
type BindingSpec = admission.ValidatingAdmissionPolicyBindingSpec | admission.MutatingAdmissionPolicyBindingSpec;

function checkExpression(
  expression: string | undefined,
  names: readonly string[],
  type: 'bool' | undefined,
  at: IssueSink,
): void {
  if ((expression ?? '').trim() === '') at.at('expression').required('expression is not specified');
  else checkExpressionText(expression, names, type, at.at('expression'));
}

/** The constraints of a policy have to name something; those of a binding may leave it to the policy. */
function checkMatchResources(match: admission.MatchResources, needsRules: boolean, at: IssueSink): void {
  checkOptionalOneOf(match.matchPolicy, ['Equivalent', 'Exact'], at.at('matchPolicy'));
  checkLabelSelector(match.namespaceSelector, at.at('namespaceSelector'));
  checkLabelSelector(match.objectSelector, at.at('objectSelector'));
  if (needsRules && (match.resourceRules ?? []).length === 0) at.at('resourceRules').required();
  for (const list of ['resourceRules', 'excludeResourceRules'] as const) {
    match[list]?.forEach((rule, index) => {
      checkRule(rule, at.at(list, index));
      const names = rule.resourceNames ?? [];
      names.forEach((name, n) => {
        const place = at.at(list, index, 'resourceNames', n);
        if (names.indexOf(name) < n) place.duplicate(name);
      });
    });
  }
}

function checkParamKind(kind: admission.ParamKind | undefined, at: IssueSink): void {
  if (!kind) return;
  checkPresent(kind.apiVersion, at.at('apiVersion'));
  const [version = '', ...group] = (kind.apiVersion ?? '').split('/').reverse();
  if (!isBlank(kind.apiVersion) && (version === '' || group.length > 1)) {
    at.at('apiVersion').invalid(kind.apiVersion, `unexpected GroupVersion string: ${kind.apiVersion}`);
  }
  checkPresent(kind.kind, at.at('kind'));
}

function checkVariables(
  variables: readonly admission.Variable[] | undefined,
  known: readonly string[],
  at: IssueSink,
): void {
  const names = new Set<string>();
  variables?.forEach((variable, index) => {
    const place = at.at(index);
    if (isBlank(variable.name)) place.at('name').required('name is not specified');
    else if (identifierErrors(variable.name).length > 0) {
      place.at('name').invalid(variable.name, 'name is not a valid CEL identifier');
    }
    if (names.has(variable.name)) place.at('name').duplicate(variable.name);
    names.add(variable.name);
    checkExpression(withMapLiterals(variable.expression), known, undefined, place);
  });
}

export function checkPolicy(spec: PolicySpec, at: IssueSink): void {
  checkOneOf(spec.failurePolicy, ['Fail', 'Ignore'], at.at('failurePolicy'));
  checkParamKind(spec.paramKind, at.at('paramKind'));
  if (spec.matchConstraints) checkMatchResources(spec.matchConstraints, true, at.at('matchConstraints'));
  else at.at('matchConstraints').required();
  const names = policyVariables(spec.paramKind !== undefined);
  checkMatchConditions(spec.matchConditions, names, at.at('matchConditions'));
  checkVariables(spec.variables, names, at.at('variables'));
}

function checkValidation(validation: admission.Validation, names: readonly string[], at: IssueSink): void {
  const { message, messageExpression, reason } = validation;
  checkExpression(validation.expression, names, 'bool', at);
  if (message !== undefined && message !== '' && message.trim() === '') {
    at.at('message').invalid(message, 'message must be non-empty if specified');
  }
  const broken = message?.includes('\n') ?? false;
  if (broken) at.at('message').invalid(message, 'message must not contain line breaks');
  else if (isBlank(message) && (validation.expression ?? '').includes('\n')) {
    at.at('message').required('message must be specified if expression contains line breaks');
  }
  if (messageExpression !== undefined && messageExpression !== '' && messageExpression.trim() === '') {
    at.at('messageExpression').invalid(messageExpression, 'must be non-empty if specified');
  }
  checkExpressionText(messageExpression, names, 'string', at.at('messageExpression'));
  if (reason !== undefined) checkOptionalOneOf(reason, reasons, at.at('reason'));
}

export function checkValidations(spec: admission.ValidatingAdmissionPolicySpec, at: IssueSink): void {
  const { validations = [], auditAnnotations = [] } = spec;
  if (validations.length === 0 && auditAnnotations.length === 0) {
    at.at('validations').required('validations or auditAnnotations must contain at least one item');
    at.at('auditAnnotations').required('validations or auditAnnotations must contain at least one item');
  }
  const names = policyVariables(spec.paramKind !== undefined);
  validations.forEach((validation, index) => checkValidation(validation, names, at.at('validations', index)));
  const list = at.at('auditAnnotations');
  if (auditAnnotations.length > MOST_ANNOTATIONS) {
    list.invalid(auditAnnotations, `must not have more than ${MOST_ANNOTATIONS} auditAnnotations`);
  }
  const keys = new Set<string>();
  auditAnnotations.forEach(({ key, valueExpression }, index) => {
    const place = list.at(index);
    if (checkPresent(key, place.at('key'))) {
      invalidEach(place.at('key'), key, qualifiedNameErrors(key));
      if (keys.has(key)) place.at('key').duplicate(key);
      keys.add(key);
    }
    if ((valueExpression ?? '').trim() === '') place.at('valueExpression').required();
    else checkExpressionText(valueExpression, names, undefined, place.at('valueExpression'));
  });
}

export function checkMutations(spec: admission.MutatingAdmissionPolicySpec, at: IssueSink): void {
  checkOneOf(spec.reinvocationPolicy, ['IfNeeded', 'Never'], at.at('reinvocationPolicy'));
  if ((spec.mutations ?? []).length === 0) at.at('mutations').required('mutations must contain at least one item');
  const fields = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;
  const names = policyVariables(spec.paramKind !== undefined);
  spec.mutations?.forEach((mutation, index) => {
    const place = at.at('mutations', index);
    checkOneOf(mutation.patchType, ['ApplyConfiguration', 'JSONPatch'], place.at('patchType'));
    for (const [type, field] of Object.entries(fields)) {
      const own = mutation[field];
      if (mutation.patchType !== type) {
        if (own) place.at(field).invalid(own, `must not be specified when patchType is ${mutation.patchType ?? ''}`);
      } else if (!own) place.at(field).required(`must be specified when patchType is ${type}`);
      else if ((own.expression ?? '').trim() === '')
        place.at(field, 'expression').required('expression is not specified');
      else checkExpressionText(withMapLiterals(own.expression ?? ''), names, undefined, place.at(field, 'expression'));
    }
  });
}

function checkParamRef(ref: admission.ParamRef | undefined, at: IssueSink): void {
  if (!ref) return;
  if (!isBlank(ref.name)) {
    invalidEach(at.at('name'), ref.name, dns1123SubdomainErrors(ref.name));
    if (ref.selector) at.at('name').forbidden('name and selector are mutually exclusive');
  } else if (!ref.selector) at.required('one of name or selector must be specified');
  checkLabelSelector(ref.selector, at.at('selector'));
  if (ref.parameterNotFoundAction === undefined) at.at('parameterNotFoundAction').required();
  else checkOneOf(ref.parameterNotFoundAction, ['Deny', 'Allow'], at.at('parameterNotFoundAction'));
}

export function checkPolicyBinding(spec: BindingSpec | undefined, at: IssueSink): void {
  const name = spec?.policyName;
  if (checkPresent(name, at.at('policyName'))) invalidEach(at.at('policyName'), name, dns1123SubdomainErrors(name));
  checkParamRef(spec?.paramRef, at.at('paramRef'));
  if (spec?.matchResources) checkMatchResources(spec.matchResources, false, at.at('matchResources'));
}

export function checkValidationActions(actions: readonly string[] | undefined, at: IssueSink): void {
  const list = actions ?? [];
  if (list.length === 0) at.required('at least one validation action is required');
  list.forEach((action, index) => {
    checkOneOf(action, ['Audit', 'Deny', 'Warn'], at.at(index));
    if (list.indexOf(action) < index) at.at(index).duplicate(action);
  });
  if (list.includes('Deny') && list.includes('Warn')) {
    at.invalid(
      list,
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    );
  }
}

export function defaultMatchResources(match: Draft<admission.MatchResources> | undefined): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*';
}
