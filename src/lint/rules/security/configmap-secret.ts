import { ConfigMap } from '../../../types/kinds/core/config-map.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';

const secretKey = /(?:^|[._-])(?:password|passwd|secret|secret[._-]?key|token|api[._-]?key|private[._-]?key)$/i;
const harmless = /^\s*$|^(?:true|false|yes|no|\d{1,2}|[./].*|\$[({].*|<.*>)$/i;
const privateKey = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;

export const configmapSecret: LintRule = {
  id: 'security/configmap-secret',
  severity: 'error',
  recommended: true,
  summary: 'ConfigMaps hold no secrets.',
  why: 'ConfigMaps are readable by nearly everybody in a namespace and are never encrypted at rest.',
  bad: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  db-password: hunter2hunter2\n',
  good: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  db-host: db.example.com\n',
  appliesTo: isOneOf(ConfigMap),
  *check(subject) {
    for (const [key, value] of Object.entries(asKind(ConfigMap, subject)?.data ?? {})) {
      const named = secretKey.test(key) && !harmless.test(value);
      if (!named && !privateKey.test(value)) continue;
      yield { path: ['data', { key }], message: `${key} looks like a secret; keep it in a Secret`, part: 'key' };
    }
  },
};
