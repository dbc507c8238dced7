import { Ingress } from '../../../types/kinds/networking/ingress.ts';
import type { LintRule } from '../../rule.ts';
import { isOneOf } from '../../selectors.ts';

const ingress = (annotation: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  annotations:\n    ${annotation}\nspec:\n  defaultBackend:\n    service:\n      name: web\n      port:\n        number: 80\n`;

export const ingressSnippet: LintRule = {
  id: 'network/ingress-snippet',
  severity: 'warning',
  recommended: true,
  summary: 'No snippets of nginx configuration stand in annotations.',
  why: 'Who may write a snippet reads all Secrets that the controller can read (CVE-2021-25742).',
  bad: ingress('nginx.ingress.kubernetes.io/configuration-snippet: more_set_headers "a b";'),
  good: ingress('nginx.ingress.kubernetes.io/rewrite-target: /'),
  appliesTo: isOneOf(Ingress),
  *check({ object }) {
    for (const key of Object.keys(object.metadata.annotations ?? {})) {
      if (!/^nginx\.ingress\.kubernetes\.io\/.*-snippet$/.test(key)) continue;
      yield {
        path: ['metadata', 'annotations', { key }],
        message: 'the snippet runs with the rights of the controller',
        part: 'key',
      };
    }
  },
};
