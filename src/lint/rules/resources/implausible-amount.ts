import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { compareQuantities } from '../../../types/quantity.ts';
import type { Quantity } from '../../../types/quantity.ts';

function complaint(name: string, amount: Quantity): string | undefined {
  if (name === 'memory' && compareQuantities(amount, '1Mi') < 0)
    return `${amount} of memory is less than a program can start with; is Mi or Gi meant?`;
  if (name === 'cpu' && compareQuantities(amount, '1000') >= 0)
    return `${amount} CPUs is more than a machine has; is ${amount}m meant?`;
  return undefined;
}

export const implausibleAmount: LintRule = {
  id: 'resources/implausible-amount',
  severity: 'warning',
  recommended: true,
  summary: 'Amounts are of a size that makes sense.',
  why: '`128m` of memory is an eighth of a byte, and `500` CPUs is not half of one: a letter too many or too few.',
  bad: podExample({ container: 'resources:\n  requests:\n    memory: "512"' }),
  good: podExample({ container: 'resources:\n  requests:\n    memory: 512Mi' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      for (const field of ['requests', 'limits'] as const) {
        for (const [name, amount] of Object.entries(container.resources?.[field] ?? {})) {
          const message = complaint(name, amount);
          if (message !== undefined) yield { path: at('resources', field, { key: name }), message };
        }
      }
    }
  },
};
