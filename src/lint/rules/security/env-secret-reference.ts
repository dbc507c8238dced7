import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const envSecretReference: LintRule = {
  id: 'security/env-secret-reference',
  severity: 'info',
  recommended: false,
  aliases: ['kube-linter:read-secret-from-env-var'],
  summary: 'Secrets are read from files, not from the environment.',
  why: 'The environment is inherited by every child process and ends up in crash reports and logs.',
  bad: podExample({
    container:
      'env:\n  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: db\n        key: password',
  }),
  good: podExample({
    container: 'volumeMounts:\n  - name: db\n    mountPath: /etc/db',
    spec: 'volumes:\n  - name: db\n    secret:\n      secretName: db',
  }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      for (const [index, { name, valueFrom }] of (container.env ?? []).entries()) {
        if (!valueFrom?.secretKeyRef) continue;
        yield {
          path: at('env', index, 'valueFrom', 'secretKeyRef'),
          message: `${name} brings a secret into the environment`,
        };
      }
      for (const [index, { secretRef }] of (container.envFrom ?? []).entries()) {
        if (secretRef)
          yield {
            path: at('envFrom', index, 'secretRef'),
            message: `the Secret ${secretRef.name} goes into the environment`,
          };
      }
    }
  },
};
