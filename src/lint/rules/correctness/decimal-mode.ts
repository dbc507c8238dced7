import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { set } from '../changes.ts';
import { podExample } from '../example.ts';
import type { FieldPath } from '../../../types/field-issue.ts';

/** What people write who mean the octal number; other numbers below 512 that look octal are common decimal ones. */
const meant: ReadonlyMap<number, number> = new Map([
  [400, 0o400],
  [440, 0o440],
  [444, 0o444],
  [500, 0o500],
]);

function* modes(value: unknown, path: FieldPath): Iterable<readonly [number, FieldPath]> {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* modes(item, [...path, index]);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      if ((key === 'mode' || key === 'defaultMode') && typeof child === 'number') yield [child, [...path, key]];
      else yield* modes(child, [...path, key]);
    }
  }
}

export const decimalMode: LintRule = {
  id: 'correctness/decimal-mode',
  severity: 'warning',
  recommended: true,
  summary: 'File modes are octal numbers, or decimal ones that mean the same.',
  why: 'Without the leading zero `400` is the decimal number, which is 0620 as a mode: writable for the group.',
  bad: podExample({ spec: 'volumes:\n  - name: keys\n    secret:\n      secretName: keys\n      defaultMode: 400' }),
  good: podExample({ spec: 'volumes:\n  - name: keys\n    secret:\n      secretName: keys\n      defaultMode: 0400' }),
  appliesTo: hasPods,
  *check({ pod }) {
    if (!pod) return;
    for (const [mode, path] of modes(pod.spec.volumes, [...pod.path, 'volumes'])) {
      const octal = meant.get(mode);
      if (octal === undefined) continue;
      const message = `${mode} is a decimal number, 0${mode.toString(8)} as a mode; is 0${mode} meant?`;
      yield { path, message, fix: set(path, octal, `Set it to ${octal}, which is 0${mode}`) };
    }
  },
};
