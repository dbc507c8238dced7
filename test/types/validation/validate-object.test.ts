import { describe, expect, it } from 'vitest';
import { deepClone } from '../../../src/shared/deep.ts';
import { pathText } from '../../../src/types/field-issue.ts';
import { builtInKinds } from '../../../src/types/kinds/index.ts';
import { Deployment } from '../../../src/types/kinds/apps/deployment.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import type { Draft } from '../../../src/types/meta.ts';
import { applyDefaults } from '../../../src/types/validation/apply-defaults.ts';
import { findDecodeError, findUnknownFields, pruneUnknown } from '../../../src/types/validation/structure.ts';
import { validateObject } from '../../../src/types/validation/validate-object.ts';

const web: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] }] },
    },
  },
};

function issuesOf(change: (draft: Draft<Deployment>) => void): readonly string[] {
  const draft = deepClone(web);
  change(draft);
  applyDefaults(Deployment, draft);
  return validateObject(Deployment, draft, { operation: 'create' }).map(
    (issue) => `${pathText(issue.path)}: ${issue.message}`,
  );
}

describe('validateObject', () => {
  it('has nothing to say about a good deployment', () => {
    expect(issuesOf(() => undefined)).toEqual([]);
  });

  it('names the place and prints the value as JSON', () => {
    const found = issuesOf((draft) => {
      draft.metadata.name = 'A_b';
      if (draft.spec) draft.spec.replicas = -1;
    });
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(/^metadata\.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of/);
    expect(found[1]).toBe('spec.replicas: Invalid value: -1: must be greater than or equal to 0');
  });

  it('refuses a template that its selector does not select', () => {
    const found = issuesOf((draft) => {
      if (draft.spec) draft.spec.selector = { matchLabels: { app: 'other' } };
    });
    expect(found).toEqual([
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ]);
  });

  it('checks a deployment in a time that nobody notices', () => {
    const drafts = Array.from({ length: 1000 }, () => deepClone(web));
    for (const draft of drafts.slice(0, 300)) applyDefaults(Deployment, draft);
    const start = performance.now();
    for (const draft of drafts) {
      applyDefaults(Deployment, draft);
      validateObject(Deployment, draft, { operation: 'create' });
    }
    const perObject = (performance.now() - start) / drafts.length;
    console.log(`defaults and validation of a deployment: ${(perObject * 1000).toFixed(0)} µs`);
    // About a tenth of a millisecond, but more on a machine under load.
    expect(perObject).toBeLessThan(10);
  });
});

describe('structure', () => {
  it('says what a Go decoder says of a wrong type', () => {
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { replicas: '3' } };
    expect(findDecodeError(Deployment, body)).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
  });

  it('finds and removes unknown fields', () => {
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', imge: 'x' }], foo: 1 },
    };
    expect(findUnknownFields(Pod, body).map(pathText)).toEqual(['spec.containers[0].imge', 'spec.foo']);
    expect(pruneUnknown(Pod, body)).toEqual(['spec.containers[0].imge', 'spec.foo']);
    expect(findUnknownFields(Pod, body)).toEqual([]);
  });
});

describe('every kind with an example', () => {
  for (const kind of builtInKinds) {
    if (!kind.example) continue;
    it(`${kind.apiVersion} ${kind.kind}: the example is valid, defaults settle, columns print`, () => {
      const draft = deepClone(kind.example);
      if (!draft) return;
      draft.metadata.namespace = kind.scope === 'Namespaced' ? 'default' : undefined;
      applyDefaults(kind, draft);
      expect(findDecodeError(kind, draft)).toBeUndefined();
      expect(validateObject(kind, draft, { operation: 'create' })).toEqual([]);
      const again = deepClone(draft);
      applyDefaults(kind, again);
      expect(again).toEqual(deepClone(draft));
      for (const column of kind.columns) expect(column.cell(draft, new Date(0))).not.toBeUndefined();
      for (const field of kind.selectableFields ?? []) expect(typeof field.value(draft)).toBe('string');
    });
  }
});
