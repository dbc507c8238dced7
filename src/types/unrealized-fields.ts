/** Fields of an object that are stored but have no effect on the local cluster. */
import { isRecord } from '../shared/deep.ts';
import type { KindDefinition } from './define-kind.ts';

/** As the API writes paths: `spec.containers[0].resizePolicy`. Fields that are absent or empty are not named. */
export function unrealizedFields(kind: KindDefinition, object: unknown): readonly string[] {
  return (kind.unrealized ?? []).flatMap((path) => found(object, path.split('.'), ''));
}

/** What tells the user of such a field. */
export function unrealizedText(path: string): string {
  return `${path}: has no effect on this cluster`;
}

function found(value: unknown, [step, ...rest]: readonly string[], at: string): readonly string[] {
  if (step === undefined) return isEmpty(value) ? [] : [at];
  const name = step.replace(/\[\]$/, '');
  const child = isRecord(value) ? value[name] : undefined;
  const path = at === '' ? name : `${at}.${name}`;
  if (!step.endsWith('[]')) return child === undefined ? [] : found(child, rest, path);
  return Array.isArray(child) ? child.flatMap((item, index) => found(item, rest, `${path}[${index}]`)) : [];
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return Array.isArray(value) && value.length === 0;
}
