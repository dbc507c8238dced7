import type { LintRule } from '../../rule.ts';
import { anyKind } from '../../selectors.ts';

const order = ['apiVersion', 'kind', 'metadata', 'spec'];

export const keyOrder: LintRule = {
  id: 'style/key-order',
  severity: 'info',
  recommended: false,
  matterOfTaste: true,
  aliases: ['kube-linter:sorted-keys'],
  summary: 'apiVersion, kind, metadata and spec stand in this order.',
  why: 'Who reads a manifest first wants to know what it is.',
  bad: 'kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: settings\n',
  good: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n',
  appliesTo: anyKind,
  *check({ object }) {
    const found = Object.keys(object).filter((key) => order.includes(key));
    const wrong = found.find((key, index) => order.indexOf(key) < order.indexOf(found[index - 1] ?? 'apiVersion'));
    if (wrong === undefined) return;
    yield { path: [wrong], message: `${wrong} usually stands further up`, part: 'key' };
  },
};
