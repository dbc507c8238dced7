import { expect, it } from 'vitest';
import * as kubewright from '../../src/index.ts';
import { builderName } from '../../src/types/builder-name.ts';
import { builtInKinds } from '../../src/types/kinds/index.ts';
import { kindBases } from '../../src/types/registry.ts';

it('every kind of a stable or beta version has a builder, what is only posted too, and each name is one kind', () => {
  const kinds = [...kindBases().values()].filter(({ served, version }) => served || /beta/.test(version));
  expect(kinds.length).toBeGreaterThanOrEqual(builtInKinds.length);
  const names = kinds.map((kind) => builderName(kind) ?? kind.typeName);
  expect(new Set(names).size).toBe(kinds.length);
  const made = kinds.map(({ apiVersion, kind }, index): unknown => {
    const builder: unknown = Reflect.get(kubewright, names[index] ?? '');
    return typeof builder === 'function' ? Reflect.apply(builder, undefined, [{ metadata: {} }]) : [apiVersion, kind];
  });
  expect(made).toMatchObject(kinds.map(({ apiVersion, kind }) => ({ apiVersion, kind })));
  expect(kubewright.tokenReview({ metadata: {}, spec: { token: 'a' } })).toEqual({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    metadata: {},
    spec: { token: 'a' },
  });
});
