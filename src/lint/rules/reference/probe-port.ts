import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';
import type { FieldPath } from '../../../types/field-issue.ts';
import { nearest } from '../../../compiler/nearest.ts';

type Port = string | number | undefined;
interface Handler {
  readonly httpGet?: { readonly port?: Port } | undefined;
  readonly tcpSocket?: { readonly port?: Port } | undefined;
}

function* namedPorts(handler: Handler | undefined, at: FieldPath): Iterable<readonly [string, FieldPath]> {
  for (const kind of ['httpGet', 'tcpSocket'] as const) {
    const port = handler?.[kind]?.port;
    if (typeof port === 'string' && port !== '') yield [port, [...at, kind, 'port']];
  }
}

export const probePort: LintRule = {
  id: 'reference/probe-port',
  severity: 'error',
  recommended: true,
  certain: true,
  aliases: ['kube-linter:liveness-port', 'kube-linter:readiness-port', 'kube-linter:startup-port'],
  summary: 'Ports that probes and hooks name are ports of their container.',
  why: 'The probe fails for ever: the container is killed again and again, or never gets a request.',
  bad: podExample({
    container:
      'ports:\n  - name: http\n    containerPort: 8080\nreadinessProbe:\n  httpGet:\n    path: /ready\n    port: htpt',
  }),
  good: podExample({
    container:
      'ports:\n  - name: http\n    containerPort: 8080\nreadinessProbe:\n  httpGet:\n    path: /ready\n    port: http',
  }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      const names = (container.ports ?? []).flatMap(({ name }) => name ?? []);
      const handlers = [
        ...(['livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((name) => [
          ...namedPorts(container[name], at(name)),
        ]),
        ...(['postStart', 'preStop'] as const).flatMap((name) => [
          ...namedPorts(container.lifecycle?.[name], at('lifecycle', name)),
        ]),
      ];
      for (const [port, path] of handlers) {
        if (names.includes(port)) continue;
        const similar = nearest(port, names);
        const hint = similar === undefined ? '' : `; did you mean ${similar}?`;
        const message = `container ${container.name} has no port called ${port}${hint}`;
        yield { path, message, ...(similar === undefined ? {} : { fix: suggestSet(path, similar) }) };
      }
    }
  },
};
