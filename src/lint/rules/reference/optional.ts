import type { LintRule } from '../../rule.ts';
import { deploymentExample, documents } from '../example.ts';
import { unresolved } from './unresolved.ts';

export const optional: LintRule = {
  id: 'reference/optional',
  severity: 'info',
  recommended: false,
  looksAround: true,
  summary: 'Optional references lead somewhere.',
  why: 'A misspelt name of something optional is never noticed.',
  bad: deploymentExample({ container: 'envFrom:\n  - configMapRef:\n      name: settings\n      optional: true' }),
  good: documents(
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n',
    deploymentExample({ container: 'envFrom:\n  - configMapRef:\n      name: settings\n      optional: true' }),
  ),
  appliesTo: (kind) => kind?.references !== undefined,
  *check(subject, around) {
    yield* unresolved(subject, around, { kinds: ['ConfigMap', 'Secret'], absent: 'info', optional: true });
  },
};
