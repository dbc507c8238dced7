/** Whether a pod bears what a node repels others with. Pure. */
import type { Taint, Toleration } from '../kinds/generated/core-v1.gen.ts';

function compareIntegers(operator: 'Gt' | 'Lt', taintValue: string | undefined, value: string | undefined): boolean {
  const integer = /^[+-]?\d+$/;
  if (taintValue === undefined || value === undefined || !integer.test(taintValue) || !integer.test(value))
    return false;
  return operator === 'Gt' ? BigInt(taintValue) > BigInt(value) : BigInt(taintValue) < BigInt(value);
}

export function tolerates(toleration: Toleration, taint: Pick<Taint, 'key' | 'value' | 'effect'>): boolean {
  const { key = '', effect, value = '' } = toleration;
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  const operator = toleration.operator ?? 'Equal';
  if (operator === 'Exists') return true;
  if (key === '') return false;
  if (operator === 'Equal') return value === (taint.value ?? '');
  return compareIntegers(operator, taint.value, value);
}

export function toleratesTaint(
  tolerations: readonly Toleration[] | undefined,
  taint: Pick<Taint, 'key' | 'value' | 'effect'>,
): boolean {
  return (tolerations ?? []).some((toleration) => tolerates(toleration, taint));
}
