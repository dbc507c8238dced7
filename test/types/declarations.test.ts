import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as builders from '../../src/index.ts';
import { builderName } from '../../src/types/builder-name.ts';
import { kindBases } from '../../src/types/registry.ts';

const declarations = resolve(import.meta.dirname, '../../dist/types/src');

/** The files that an editor reads for the package, and the packages that they name. */
function reached(): { readonly files: readonly string[]; readonly packages: readonly string[] } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const pending = [resolve(declarations, 'index.d.ts')];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
    for (const [, from = ''] of text.matchAll(/(?:from |import\()['"]([^'"]+)['"]/g)) {
      if (!from.startsWith('.')) packages.add(from);
      else {
        const target = resolve(dirname(file), from.replace(/\.[jt]s$/, '.d.ts'));
        expect(existsSync(target), `${relative(declarations, file)} imports ${from}`).toBe(true);
        pending.push(target);
      }
    }
  }
  return { files: [...files].map((file) => relative(declarations, file)), packages: [...packages] };
}

describe('the declarations of the package', () => {
  it('need no other package, and are one file per group and version', () => {
    const { files, packages } = reached();
    expect(packages).toEqual([]);
    expect(files.length).toBeLessThan(100);
    const versions = [...kindBases().values()].filter((kind) => builderName(kind) !== undefined);
    for (const { group, version } of versions) {
      const file = `types/kinds/generated/${group === '' ? 'core' : group.split('.')[0]}-${version}.gen.d.ts`;
      expect(files).toContain(file);
    }
  });
});

describe('the builders', () => {
  it('are there for every stable and beta kind that is stored', () => {
    const kinds = [...kindBases().values()].filter(({ virtual, version }) => !virtual && !version.includes('alpha'));
    expect(kinds.length).toBeGreaterThan(75);
    const names = kinds.map((kind) => builderName(kind) ?? `none for ${kind.typeName}`);
    expect(names.filter((name) => typeof Reflect.get(builders, name) !== 'function')).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('write the version that they are called by', () => {
    const claim = builders.resourceClaimV1beta1({ metadata: { name: 'a' }, spec: {} });
    expect(claim).toMatchObject({ apiVersion: 'resource.k8s.io/v1beta1', kind: 'ResourceClaim' });
    const gpu = builders.deviceClassV1beta2({ metadata: { name: 'gpu' }, spec: {} });
    const request = builders.resourceClaimV1beta2({
      metadata: { name: 'a' },
      spec: { devices: { requests: [{ name: 'one', exactly: { deviceClassName: gpu } }] } },
    });
    expect(request.spec.devices?.requests?.[0]?.exactly?.deviceClassName).toBe('gpu');
  });
});
