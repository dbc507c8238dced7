import type { LintedObject, RuleFinding } from '../../rule.ts';

/**
 * Objects of one file are applied together. Those of several may be alternatives, or examples that have nothing to do with
 * each other, so that what follows from them is likely but not certain.
 */
export function certainty(subject: LintedObject, others: readonly LintedObject[]): Pick<RuleFinding, 'atMost'> {
  return others.some(({ file }) => file === subject.file) ? {} : { atMost: 'warning' };
}
