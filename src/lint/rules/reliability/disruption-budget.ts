import type { LintedObject } from '../../rule.ts';
import { asKind } from '../../selectors.ts';
import type { PodDisruptionBudgetSpec } from '../../../types/kinds/generated/policy-v1.gen.ts';
import { PodDisruptionBudget } from '../../../types/kinds/policy/pod-disruption-budget.ts';

export function budgetOf(subject: LintedObject): PodDisruptionBudgetSpec | undefined {
  return asKind(PodDisruptionBudget, subject)?.spec;
}

export function budgetExample(lines: string): string {
  const text = lines === '' ? '' : `  ${lines.trim().split('\n').join('\n  ')}\n`;
  return `apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\nspec:\n${text}  selector:\n    matchLabels:\n      app: web\n`;
}
