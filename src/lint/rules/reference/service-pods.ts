import { Service } from '../../../types/kinds/core/service.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { deploymentExample, documents, serviceExample } from '../example.ts';
import { nearest } from '../../../compiler/nearest.ts';
import { labelsOf } from '../../resource-index.ts';

export const servicePods: LintRule = {
  id: 'reference/service-pods',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  aliases: ['kube-linter:dangling-service', 'kube-score:service-targets-pod'],
  summary: 'A Service selects pods.',
  why: 'Without pods behind it every connection is refused.',
  bad: documents(serviceExample.replace('app: web', 'app: wbe'), deploymentExample()),
  good: documents(serviceExample, deploymentExample()),
  appliesTo: isOneOf(Service),
  *check(subject, around) {
    const spec = asKind(Service, subject)?.spec;
    const selector = spec?.selector ?? {};
    if (Object.keys(selector).length === 0 || spec?.type === 'ExternalName') return;
    if (around.podsSelectedBy({ matchLabels: selector }).length > 0) return;
    const all = around.podsSelectedBy({});
    if (all.length === 0) {
      yield {
        path: ['spec', 'selector'],
        message: 'no pods are among the files that were looked at',
        part: 'key',
        atMost: 'info',
      };
      return;
    }
    const wrong = Object.entries(selector).find(([key, value]) => !all.some((pod) => labelsOf(pod)[key] === value));
    const values = all.flatMap((pod) => labelsOf(pod)[wrong?.[0] ?? ''] ?? []);
    const similar = wrong ? nearest(wrong[1], values) : undefined;
    const hint = similar === undefined ? '' : `; did you mean ${wrong?.[0]}: ${similar}?`;
    const path = wrong ? ['spec', 'selector', { key: wrong[0] }] : ['spec', 'selector'];
    yield { path, message: `the Service selects none of the pods here${hint}`, part: wrong ? 'value' : 'key' };
  },
};
