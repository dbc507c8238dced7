import type { LintRule } from '../../rule.ts';
import { deploymentExample, documents } from '../example.ts';
import { unresolved } from './unresolved.ts';

const conf = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  greeting: hello\n';
const use = 'envFrom:\n  - configMapRef:\n      name: settings';

export const configMap: LintRule = {
  id: 'reference/config-map',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  aliases: ['kube-linter:dangling-configmap'],
  summary: 'ConfigMaps that are referred to are there, in the same namespace.',
  why: 'The pod does not start without them.',
  bad: documents(conf.replace('settings', 'setings'), deploymentExample({ container: use })),
  good: documents(conf, deploymentExample({ container: use })),
  appliesTo: (kind) => kind?.references !== undefined,
  *check(subject, around) {
    yield* unresolved(subject, around, { kinds: ['ConfigMap'], absent: 'warning' });
  },
};
