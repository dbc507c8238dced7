import { Ingress } from '../../../types/kinds/networking/ingress.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { documents } from '../example.ts';
import { ingressExample } from './backends.ts';
import { missing } from './unresolved.ts';

const tls = '  tls:\n    - hosts: [shop.example.com]\n      secretName: shop-tls\n';

export const ingressTlsSecret: LintRule = {
  id: 'reference/ingress-tls-secret',
  severity: 'info',
  recommended: false,
  looksAround: true,
  summary: 'Secrets with the certificates of an Ingress are there.',
  why: 'Without one the controller answers with a certificate of its own. (Most come from an issuer, which makes them later.)',
  bad: ingressExample('web', 'number: 80', tls),
  good: documents(
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop-tls\ntype: kubernetes.io/tls\nstringData:\n  tls.crt: example\n  tls.key: example\n',
    ingressExample('web', 'number: 80', tls),
  ),
  appliesTo: isOneOf(Ingress),
  *check(subject, around) {
    // cert-manager makes the Secret.
    if (Object.keys(subject.object.metadata.annotations ?? {}).some((key) => key.startsWith('cert-manager.io/')))
      return;
    for (const [index, { secretName }] of (asKind(Ingress, subject)?.spec?.tls ?? []).entries()) {
      if (secretName === undefined) continue;
      const target = {
        group: '',
        kind: 'Secret',
        name: secretName,
        namespaced: true,
        path: ['spec', 'tls', index, 'secretName'],
      };
      const found = missing(target, around, 'info');
      if (found) yield found;
    }
  },
};
