/** Names of kinds as kubectl prints them. */
import type { KindDefinition } from '../types/define-kind.ts';

/** `deployment.apps`, `configmap`. */
export function resourceName({ singular, group }: KindDefinition): string {
  return group === '' ? singular : `${singular}.${group}`;
}
