import type { LintRule } from '../../rule.ts';
import { anyKind } from '../../selectors.ts';
import { deploymentExample } from '../example.ts';

export const requiredAnnotations: LintRule = {
  id: 'style/required-annotations',
  severity: 'warning',
  recommended: true,
  options: { annotations: [] },
  aliases: ['kube-linter:required-annotation-email'],
  summary:
    'Objects have the annotations that the configuration lists (option `annotations`; nothing is checked without).',
  why: 'Who is to be called at night stands there, for example.',
  bad: deploymentExample(),
  good: deploymentExample({ own: 'annotations:\n  owner: shop@example.com' }),
  appliesTo: anyKind,
  *check({ object }, _around, { annotations }) {
    for (const name of Array.isArray(annotations) ? annotations : []) {
      if (typeof name !== 'string' || object.metadata.annotations?.[name] !== undefined) continue;
      yield { path: ['metadata', 'annotations'], message: `the annotation ${name} is missing`, part: 'key' };
    }
  },
};
