import type { LintRule, RuleFinding } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { suggestRemove } from '../changes.ts';
import { podExample } from '../example.ts';
import type { FieldPath } from '../../../types/field-issue.ts';

interface Handler {
  readonly httpGet?: { readonly host?: string | undefined } | undefined;
  readonly tcpSocket?: { readonly host?: string | undefined } | undefined;
}

function* hosts(handler: Handler | undefined, path: FieldPath): Iterable<RuleFinding> {
  for (const name of ['httpGet', 'tcpSocket'] as const) {
    const host = handler?.[name]?.host ?? '';
    if (host === '') continue;
    const message = `the kubelet is sent to ${host} instead of the pod`;
    yield { path: [...path, name, 'host'], message, fix: suggestRemove([...path, name, 'host']) };
  }
}

export const probeHost: LintRule = {
  id: 'security/probe-host',
  severity: 'warning',
  recommended: true,
  podSecurity: 'baseline',
  summary: 'Probes and hooks ask the pod itself, no other host.',
  why: 'The kubelet asks with the rights of the node: a host of one’s choice makes it a way into other networks.',
  bad: podExample({ container: 'livenessProbe:\n  httpGet:\n    host: 169.254.169.254\n    path: /\n    port: 80' }),
  good: podExample({ container: 'livenessProbe:\n  httpGet:\n    path: /\n    port: 80' }),
  appliesTo: hasPods,
  *check(subject, _around, _options, minor) {
    // A control of the baseline since 1.34 (KEP-4940).
    if (minor < 34) return;
    for (const { container, at } of containersOf(subject)) {
      for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const)
        yield* hosts(container[probe], at(probe));
      for (const hook of ['postStart', 'preStop'] as const)
        yield* hosts(container.lifecycle?.[hook], at('lifecycle', hook));
    }
  },
};
