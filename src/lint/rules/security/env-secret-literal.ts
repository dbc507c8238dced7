import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

const secretName =
  /(?:^|_)(?:PASSWORD|PASSWD|PASS|SECRET|SECRET_KEY|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)$/i;

/** Values that are no secrets: empty, a switch, a path, a reference to another variable. */
function isHarmless(value: string): boolean {
  return value === '' || /^(?:true|false|yes|no|on|off|none|null|\d{1,2})$/i.test(value) || /^[./]|^\$\(/.test(value);
}

export const envSecretLiteral: LintRule = {
  id: 'security/env-secret-literal',
  severity: 'error',
  recommended: true,
  aliases: ['kube-linter:env-var-secret'],
  summary: 'Passwords and tokens do not stand in the manifest.',
  why: 'Who may read the pod, the repository or its history reads the secret. A Secret can be guarded and replaced.',
  bad: podExample({ container: 'env:\n  - name: DB_PASSWORD\n    value: hunter2hunter2' }),
  good: podExample({
    container:
      'env:\n  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: db\n        key: password',
  }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      for (const [index, { name, value }] of (container.env ?? []).entries()) {
        if (value === undefined || isHarmless(value) || !secretName.test(name)) continue;
        yield {
          path: at('env', index, 'value'),
          message: `the value of ${name} looks like a secret; refer to a Secret instead`,
        };
      }
    }
  },
};
