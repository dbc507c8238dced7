import type { LintRule } from '../../rule.ts';
import { deploymentExample, documents } from '../example.ts';
import { unresolved } from './unresolved.ts';

const secret = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: example\n';
const use = 'envFrom:\n  - secretRef:\n      name: db';

export const secretReference: LintRule = {
  id: 'reference/secret',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  summary: 'Secrets that are referred to are there, in the same namespace.',
  why: 'The pod does not start without them. (Many are made elsewhere: that none is among the files is only mentioned.)',
  bad: documents(
    secret.replace('name: db', 'name: db-main'),
    deploymentExample({ container: 'envFrom:\n  - secretRef:\n      name: db-mian' }),
  ),
  good: documents(secret, deploymentExample({ container: use })),
  appliesTo: (kind) => kind?.references !== undefined,
  *check(subject, around) {
    yield* unresolved(subject, around, { kinds: ['Secret'], absent: 'info' });
  },
};
