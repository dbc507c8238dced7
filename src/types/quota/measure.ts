/** What a kind's objects use of what a ResourceQuota limits, besides their number. */
import type { Quantity } from '../quantity.ts';

/** Amounts by the names that quotas have for them: `requests.cpu`, `services.nodeports`. */
export type Usage = Readonly<Record<string, Quantity>>;

/** One condition on the objects that a quota is about (KEP-1435). */
export interface ScopeRequirement {
  readonly scope: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** The part of a KindDefinition that quotas read. In method syntax, as there. */
export interface QuotaMeasure<T> {
  /** Whether objects of the kind can use any of that resource. */
  measures(resource: string): boolean;
  usage(object: T, now: Date): Usage;
  /** When the usage changes by itself, if it will. */
  changesAt?(object: T, now: Date): Date | undefined;
  /** Without it, quotas with scopes are not about the kind. */
  isInScope?(object: T, requirement: ScopeRequirement): boolean;
  /** What a new object has to say where these resources are limited, as a text for the refusal. */
  missing?(object: T, limited: readonly string[]): string | undefined;
}
