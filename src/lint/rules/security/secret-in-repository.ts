import { Secret } from '../../../types/kinds/core/secret.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';

export const secretInRepository: LintRule = {
  id: 'security/secret-in-repository',
  severity: 'warning',
  recommended: false,
  summary: 'Secrets with their data do not stand among the manifests.',
  why: 'What is in a repository is in all its copies and for ever. Sealed or external secrets can stand there.',
  bad: 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: hunter2\n',
  good: 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ntype: Opaque\n',
  appliesTo: isOneOf(Secret),
  *check(subject) {
    const secret = asKind(Secret, subject);
    for (const field of ['data', 'stringData'] as const) {
      if (Object.keys(secret?.[field] ?? {}).length > 0) {
        yield { path: [field], message: 'the data of this Secret stands in the file', part: 'key' };
      }
    }
  },
};
