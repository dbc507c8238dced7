import type { LintRule, LintedObject } from '../../rule.ts';
import { containersOf, groupOf, hasPods } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { deploymentExample, documents } from '../example.ts';
import type { FieldPath } from '../../../types/field-issue.ts';
import { certainty } from './certainty.ts';
import { nearest } from '../../../compiler/nearest.ts';

const conf = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  greeting: hello\n';
const env = (key: string): string =>
  deploymentExample({
    container: `env:\n  - name: GREETING\n    valueFrom:\n      configMapKeyRef:\n        name: settings\n        key: ${key}`,
  });

interface KeyReference {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string | undefined;
  readonly key: string;
  readonly path: FieldPath;
}

/** Keys that volumes put at paths of their own; a missing one keeps the pod from starting. */
function* volumeKeys({ pod }: LintedObject): Iterable<KeyReference> {
  if (!pod) return;
  for (const [index, { configMap, secret, projected }] of (pod.spec.volumes ?? []).entries()) {
    const at: FieldPath = [...pod.path, 'volumes', index];
    yield* itemsOf('ConfigMap', configMap?.name, configMap, [...at, 'configMap']);
    yield* itemsOf('Secret', secret?.secretName, secret, [...at, 'secret']);
    for (const [place, source] of (projected?.sources ?? []).entries()) {
      const inner: FieldPath = [...at, 'projected', 'sources', place];
      yield* itemsOf('ConfigMap', source.configMap?.name, source.configMap, [...inner, 'configMap']);
      yield* itemsOf('Secret', source.secret?.name, source.secret, [...inner, 'secret']);
    }
  }
}

interface ItemSource {
  readonly items?: readonly { readonly key: string }[] | undefined;
  readonly optional?: boolean | undefined;
}

function* itemsOf(
  kind: KeyReference['kind'],
  name: string | undefined,
  source: ItemSource | undefined,
  at: FieldPath,
): Iterable<KeyReference> {
  if (source?.optional === true) return;
  for (const [index, { key }] of (source?.items ?? []).entries())
    yield { kind, name, key, path: [...at, 'items', index, 'key'] };
}

function* envKeys(subject: LintedObject): Iterable<KeyReference> {
  for (const { container, at } of containersOf(subject)) {
    for (const [index, { valueFrom }] of (container.env ?? []).entries()) {
      for (const [field, kind] of [
        ['configMapKeyRef', 'ConfigMap'],
        ['secretKeyRef', 'Secret'],
      ] as const) {
        const source = valueFrom?.[field];
        if (!source || source.optional === true) continue;
        yield { kind, name: source.name, key: source.key, path: at('env', index, 'valueFrom', field, 'key') };
      }
    }
  }
}

function keysOf({ object }: LintedObject): readonly string[] {
  const names: string[] = [];
  for (const field of ['data', 'binaryData', 'stringData']) {
    const value: unknown = Reflect.get(object, field);
    if (typeof value === 'object' && value !== null) names.push(...Object.keys(value));
  }
  return names;
}

export const configKey: LintRule = {
  id: 'reference/config-key',
  severity: 'error',
  recommended: true,
  certain: true,
  looksAround: true,
  aliases: ['kube-linter:env-value-from'],
  summary: 'Keys that are referred to are in the ConfigMap or Secret.',
  why: 'The container never starts: CreateContainerConfigError.',
  bad: documents(conf, env('greting')),
  good: documents(conf, env('greeting')),
  appliesTo: hasPods,
  *check(subject, around) {
    for (const { kind, name, key, path } of [...envKeys(subject), ...volumeKeys(subject)]) {
      if (name === undefined) continue;
      const located = around.locate({ group: groupOf('v1'), kind, name, namespaced: true });
      if (located.answer !== 'here' || located.objects.some((one) => one.open === true || keysOf(one).includes(key)))
        continue;
      // Controllers fill in Secrets of these types, and those without any data.
      const keys = located.objects.flatMap(keysOf);
      const filledElsewhere = kind === 'Secret' && keys.length === 0;
      if (filledElsewhere) continue;
      const similar = nearest(key, keys);
      const hint =
        similar === undefined
          ? `it has ${keys.length === 0 ? 'none' : keys.slice(0, 5).join(', ')}`
          : `did you mean ${similar}?`;
      const message = `the ${kind} ${name} has no key ${key}; ${hint}`;
      const fix = similar === undefined ? {} : { fix: suggestSet(path, similar) };
      yield { path, message, ...fix, ...certainty(subject, located.objects) };
    }
  },
};
