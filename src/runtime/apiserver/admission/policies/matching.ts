/** Which requests a policy or a webhook is about (apiserver, admission/plugin/webhook/predicates). Pure. */
import type { KindDefinition } from '../../../../types/define-kind.ts';
import type { NamedRuleWithOperations } from '../../../../types/kinds/generated/admissionregistration-v1.gen.ts';
import type { LabelSelector } from '../../../../types/kinds/generated/meta-v1.gen.ts';
import { Namespace } from '../../../../types/kinds/core/namespace.ts';
import { matchesLabelSelector } from '../../../../types/label-selector.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import type { Registry } from '../../../../types/registry.ts';
import type { AdmissionRequest } from '../plugin.ts';

/** What constraints of policies, bindings and webhooks have in common. */
export interface Constraints {
  readonly resourceRules?: readonly NamedRuleWithOperations[] | undefined;
  readonly excludeResourceRules?: readonly NamedRuleWithOperations[] | undefined;
  readonly matchPolicy?: 'Equivalent' | 'Exact' | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly objectSelector?: LabelSelector | undefined;
}

export interface Subject {
  readonly request: AdmissionRequest;
  /** What is to be stored; undefined for deletions. */
  readonly object: KubeObject | undefined;
  /** The namespace that a namespaced object lies in. */
  readonly namespace: Namespace | undefined;
  readonly registry: Registry;
}

/** The kind in whose version the constraints speak of the request; undefined when they do not. */
export function matchingKind(constraints: Constraints, subject: Subject): KindDefinition | undefined {
  const { request } = subject;
  const { resourceRules = [], excludeResourceRules = [], matchPolicy = 'Equivalent' } = constraints;
  const kinds = matchPolicy === 'Exact' ? [request.kind] : equivalents(request.kind, subject.registry);
  const speaksOf = (rules: readonly NamedRuleWithOperations[]): KindDefinition | undefined =>
    kinds.find((kind) => rules.some((rule) => ruleMatches(rule, kind, request)));
  if (speaksOf(excludeResourceRules)) return undefined;
  const kind = resourceRules.length === 0 ? request.kind : speaksOf(resourceRules);
  return kind && selects(constraints, subject) ? kind : undefined;
}

/** The kind itself, then the other versions of the same objects. */
function equivalents(kind: KindDefinition, registry: Registry): readonly KindDefinition[] {
  const others = [...registry.all()].filter(
    (other) => other !== kind && other.group === kind.group && other.plural === kind.plural && other.served,
  );
  return [kind, ...others];
}

function includes(list: readonly string[] | undefined, value: string): boolean {
  return list?.some((entry) => entry === '*' || entry === value) === true;
}

function ruleMatches(rule: NamedRuleWithOperations, kind: KindDefinition, request: AdmissionRequest): boolean {
  const { scope = '*', resourceNames = [] } = rule;
  if (!includes(rule.operations, request.operation)) return false;
  if (!includes(rule.apiGroups, kind.group) || !includes(rule.apiVersions, kind.version)) return false;
  if (scope !== '*' && scope !== kind.scope) return false;
  if (resourceNames.length > 0 && !resourceNames.includes(request.name)) return false;
  return (rule.resources ?? []).some((entry) => {
    const [resource = '', subresource = ''] = entry.split('/');
    return (
      (resource === '*' || resource === kind.plural) && (subresource === '*' || subresource === request.subresource)
    );
  });
}

function selects({ namespaceSelector, objectSelector }: Constraints, subject: Subject): boolean {
  const { request, object, namespace } = subject;
  const { previous, kind } = request;
  const isNamespace = kind.typeName === Namespace.typeName;
  if (kind.scope === 'Namespaced' || isNamespace) {
    const labels = isNamespace ? (object ?? previous)?.metadata.labels : namespace?.metadata.labels;
    if (!matchesLabelSelector(namespaceSelector ?? {}, labels)) return false;
  }
  // Options of a connection have no labels.
  if (request.operation === 'CONNECT') return isEmpty(objectSelector);
  return [object, previous].some((each) => each && matchesLabelSelector(objectSelector ?? {}, each.metadata.labels));
}

function isEmpty(selector: LabelSelector | undefined): boolean {
  return (selector?.matchExpressions ?? []).length === 0 && Object.keys(selector?.matchLabels ?? {}).length === 0;
}
