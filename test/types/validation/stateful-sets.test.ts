/** Rules of StatefulSets that differ between creation and update. */
import { describe, expect, it } from 'vitest';
import { deepClone } from '../../../src/shared/deep.ts';
import { pathText } from '../../../src/types/field-issue.ts';
import { StatefulSet } from '../../../src/types/kinds/apps/stateful-set.ts';
import { applyDefaults } from '../../../src/types/validation/apply-defaults.ts';
import { validateObject } from '../../../src/types/validation/validate-object.ts';

function set(serviceName: string, replicas = 1): StatefulSet {
  const draft = deepClone<StatefulSet>({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      serviceName,
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  });
  applyDefaults(StatefulSet, draft);
  return draft;
}

const places = (issues: ReturnType<typeof validateObject>): readonly string[] =>
  issues.map(({ path }) => pathText(path));

describe('the name of the service', () => {
  it.each([
    ['web', []],
    ['', []],
    ['Not_A_Label', ['spec.serviceName']],
    ['web.default', ['spec.serviceName']],
  ])('%j', (name, expected) => {
    expect(places(validateObject(StatefulSet, set(name), { operation: 'create' }))).toEqual(expected);
  });

  it('stays as it is where it was there before the rule', () => {
    const previous = set('Not_A_Label');
    expect(validateObject(StatefulSet, set('Not_A_Label', 2), { operation: 'update', previous })).toEqual([]);
  });
});
