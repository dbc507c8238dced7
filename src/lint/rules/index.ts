/** THE table of rules. */
import type { LintRule } from '../rule.ts';

export const rules: readonly LintRule[] = [];
