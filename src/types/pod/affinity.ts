/** Rules of node and pod affinity. */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, labelValueErrors, qualifiedNameErrors } from '../names.ts';
import { checkLabelSelector } from '../validation/label-selector.ts';
import { invalidEach } from '../validation/metadata.ts';

export function checkLabelName(name: string, at: IssueSink): void {
  invalidEach(at, name, qualifiedNameErrors(name));
}

function checkRequirement(requirement: core.NodeSelectorRequirement, at: IssueSink): void {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) at.at('values').required("must be specified when `operator` is 'In' or 'NotIn'");
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        at.at('values').forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      }
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) {
        at.at('values').required("must be specified single value when `operator` is 'Lt' or 'Gt'");
      }
      break;
    default:
      at.at('operator').invalid(requirement.operator, 'not a valid selector operator');
  }
  checkLabelName(requirement.key, at.at('key'));
  values.forEach((value, index) => invalidEach(at.at('values', index), value, labelValueErrors(value)));
}

function checkFieldRequirement(requirement: core.NodeSelectorRequirement, at: IssueSink): void {
  const values = requirement.values ?? [];
  if (requirement.operator !== 'In' && requirement.operator !== 'NotIn') {
    at.at('operator').invalid(requirement.operator, 'not a valid selector operator');
  } else if (values.length !== 1) {
    at.at('values').required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
  }
  if (requirement.key !== 'metadata.name') {
    at.at('key').invalid(requirement.key, 'not a valid field selector key');
    return;
  }
  values.forEach((value, index) => invalidEach(at.at('values', index), value, dns1123SubdomainErrors(value)));
}

export function checkNodeSelectorTerm(term: core.NodeSelectorTerm, at: IssueSink): void {
  term.matchExpressions?.forEach((one, index) => checkRequirement(one, at.at('matchExpressions', index)));
  term.matchFields?.forEach((one, index) => checkFieldRequirement(one, at.at('matchFields', index)));
}

export function checkNodeSelector(selector: core.NodeSelector, at: IssueSink): void {
  const place = at.at('nodeSelectorTerms');
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) place.required('must have at least one node selector term');
  terms.forEach((term, index) => checkNodeSelectorTerm(term, place.at(index)));
}

function checkWeight(weight: number, at: IssueSink): void {
  if (!(weight >= 1 && weight <= 100)) at.at('weight').invalid(weight ?? 0, 'must be in the range 1-100');
}

function checkMatchKeys(term: core.PodAffinityTerm, at: IssueSink): void {
  const mismatch = new Set(term.mismatchLabelKeys ?? []);
  term.matchLabelKeys?.forEach((key, index) => {
    checkLabelName(key, at.at('matchLabelKeys', index));
    if (mismatch.has(key))
      at.at('matchLabelKeys', index).invalid(key, 'exists in both matchLabelKeys and mismatchLabelKeys');
    if (!term.labelSelector) {
      at.at('matchLabelKeys', index).forbidden('must not be specified when labelSelector is not set');
    }
  });
  term.mismatchLabelKeys?.forEach((key, index) => {
    checkLabelName(key, at.at('mismatchLabelKeys', index));
    if (!term.labelSelector) {
      at.at('mismatchLabelKeys', index).forbidden('must not be specified when labelSelector is not set');
    }
  });
}

function checkAffinityTerm(term: core.PodAffinityTerm, at: IssueSink): void {
  checkLabelSelector(term.labelSelector, at.at('labelSelector'));
  checkLabelSelector(term.namespaceSelector, at.at('namespaceSelector'));
  for (const name of term.namespaces ?? []) invalidEach(at.at('namespace'), name, dns1123LabelErrors(name));
  checkMatchKeys(term, at);
  if ((term.topologyKey ?? '') === '') at.at('topologyKey').required('can not be empty');
  checkLabelName(term.topologyKey ?? '', at.at('topologyKey'));
}

interface PodTerms {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly core.PodAffinityTerm[] | undefined;
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly core.WeightedPodAffinityTerm[] | undefined;
}

function checkPodTerms(terms: PodTerms, at: IssueSink): void {
  terms.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) =>
    checkAffinityTerm(term, at.at('requiredDuringSchedulingIgnoredDuringExecution', index)),
  );
  terms.preferredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) => {
    const place = at.at('preferredDuringSchedulingIgnoredDuringExecution', index);
    checkWeight(term.weight, place);
    checkAffinityTerm(term.podAffinityTerm, place.at('podAffinityTerm'));
  });
}

export function checkAffinity(affinity: core.Affinity | undefined, at: IssueSink): void {
  const node = affinity?.nodeAffinity;
  if (node) {
    const place = at.at('nodeAffinity');
    const required = node.requiredDuringSchedulingIgnoredDuringExecution;
    if (required) checkNodeSelector(required, place.at('requiredDuringSchedulingIgnoredDuringExecution'));
    node.preferredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) => {
      const term_ = place.at('preferredDuringSchedulingIgnoredDuringExecution', index);
      checkWeight(term.weight, term_);
      checkNodeSelectorTerm(term.preference, term_.at('preference'));
    });
  }
  if (affinity?.podAffinity) checkPodTerms(affinity.podAffinity, at.at('podAffinity'));
  if (affinity?.podAntiAffinity) checkPodTerms(affinity.podAntiAffinity, at.at('podAntiAffinity'));
}
