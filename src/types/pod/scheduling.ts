/** Rules of tolerations, taints, topology spread and scheduling gates. */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { labelValueErrors, qualifiedNameErrors } from '../names.ts';
import { checkOptionalOneOf, checkPositive, isBlank } from '../validation/field-checks.ts';
import { checkLabelSelector } from '../validation/label-selector.ts';
import { invalidEach } from '../validation/metadata.ts';
import { checkLabelName } from './affinity.ts';

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function checkEffect(effect: string | undefined, at: IssueSink, mayBeEmpty: boolean): void {
  if (isBlank(effect)) {
    if (!mayBeEmpty) at.required();
  } else if (!taintEffects.includes(effect)) at.notSupported(effect, taintEffects);
}

export function checkTaints(taints: readonly core.Taint[] | undefined, at: IssueSink): void {
  const seen = new Set<string>();
  taints?.forEach((taint, index) => {
    const place = at.at(index);
    checkLabelName(taint.key ?? '', place.at('key'));
    invalidEach(place.at('value'), taint.value ?? '', labelValueErrors(taint.value ?? ''));
    checkEffect(taint.effect, place.at('effect'), false);
    const identity = `${taint.key}=${taint.effect}`;
    if (seen.has(identity)) place.duplicate(taint);
    seen.add(identity);
  });
}

function checkToleration(toleration: core.Toleration, at: IssueSink): void {
  const { key = '', operator = '', value = '', effect = '' } = toleration;
  if (key !== '') checkLabelName(key, at.at('key'));
  if (key === '' && operator !== 'Exists') {
    at.at('operator').invalid(
      operator,
      'operator must be Exists when `key` is empty, which means "match all values and all keys"',
    );
  }
  if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
    at.at('effect').invalid(effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
  }
  if (operator === '' || operator === 'Equal') {
    const errors = labelValueErrors(value);
    if (errors.length > 0) at.at('operator').invalid(value, errors.join(';'));
  } else if (operator === 'Exists') {
    if (value !== '') at.at('operator').invalid(toleration, "value must be empty when `operator` is 'Exists'");
  } else at.at('operator').notSupported(operator, ['Equal', 'Exists']);
  checkEffect(effect, at.at('effect'), true);
}

export function checkTolerations(tolerations: readonly core.Toleration[] | undefined, at: IssueSink): void {
  tolerations?.forEach((toleration, index) => checkToleration(toleration, at.at(index)));
}

function checkSpread(constraint: core.TopologySpreadConstraint, at: IssueSink): void {
  checkPositive(constraint.maxSkew ?? 0, at.at('maxSkew'));
  if ((constraint.topologyKey ?? '') === '') at.at('topologyKey').required('can not be empty');
  else checkLabelName(constraint.topologyKey, at.at('topologyKey'));
  const actions = ['DoNotSchedule', 'ScheduleAnyway'];
  checkOptionalOneOf(constraint.whenUnsatisfiable ?? '', actions, at.at('whenUnsatisfiable'));
  const { minDomains } = constraint;
  if (minDomains !== undefined) {
    checkPositive(minDomains, at.at('minDomains'));
    if (constraint.whenUnsatisfiable !== 'DoNotSchedule') {
      at.at('minDomains').invalid(
        minDomains,
        'can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ' + constraint.whenUnsatisfiable,
      );
    }
  }
  checkOptionalOneOf(constraint.nodeAffinityPolicy, ['Honor', 'Ignore'], at.at('nodeAffinityPolicy'));
  checkOptionalOneOf(constraint.nodeTaintsPolicy, ['Honor', 'Ignore'], at.at('nodeTaintsPolicy'));
  checkLabelSelector(constraint.labelSelector, at.at('labelSelector'));
  constraint.matchLabelKeys?.forEach((key, index) => {
    checkLabelName(key, at.at('matchLabelKeys', index));
    if (!constraint.labelSelector) {
      at.at('matchLabelKeys', index).forbidden('must not be specified when labelSelector is not set');
    }
  });
}

export function checkTopologySpread(
  constraints: readonly core.TopologySpreadConstraint[] | undefined,
  at: IssueSink,
): void {
  const pairs = (constraints ?? []).map((one) => `{${one.topologyKey}, ${one.whenUnsatisfiable}}`);
  constraints?.forEach((constraint, index) => {
    checkSpread(constraint, at.at(index));
    const pair = pairs[index] ?? '';
    // Upstream complains at the earlier one of two.
    if (pairs.includes(pair, index + 1)) at.at(index, '{topologyKey, whenUnsatisfiable}').duplicate(pair);
  });
}

export function checkSchedulingGates(gates: readonly core.PodSchedulingGate[] | undefined, at: IssueSink): void {
  const seen = new Set<string>();
  gates?.forEach((gate, index) => {
    invalidEach(at.at(index), gate.name, qualifiedNameErrors(gate.name));
    if (seen.has(gate.name)) at.at(index).duplicate(gate.name);
    seen.add(gate.name);
  });
}
