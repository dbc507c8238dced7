import { describe, expect, it } from 'vitest';
import { checkCandidate } from '../../../src/compiler/check.ts';
import { builtInKinds } from '../../../src/types/kinds/index.ts';
import { Registry } from '../../../src/types/registry.ts';

const registry = new Registry(builtInKinds);

function deployment(spec: object, container: object, labels: object = { app: 'web' }): object {
  return {
    ...{ replicas: 1, selector: { matchLabels: { app: 'web' } }, ...spec },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.27', ...container }] } },
  };
}

function found(spec: object): readonly (readonly [string, string])[] {
  const candidate = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
  return checkCandidate(candidate, registry).findings.map(({ path, code }) => [code, path]);
}

const container = 'spec.template.spec.containers[0]';

describe('an object with values of the wrong type', () => {
  it('is told of everything else that is wrong with it', () => {
    const ports = [{ containerPort: '80', name: 'a-name-that-is-too-long' }];
    expect(found(deployment({ replicas: '3' }, { ports, imagePullPolicy: 'always' }, { app: 'wbe' }))).toEqual([
      ['type', 'spec.replicas'],
      ['type', `${container}.ports[0].containerPort`],
      ['FieldValueInvalid', 'spec.template.metadata.labels'],
      ['FieldValueInvalid', `${container}.ports[0].name`],
      ['FieldValueNotSupported', `${container}.imagePullPolicy`],
    ]);
  });

  it.each([
    [deployment({ replicas: 'three' }, {}), 'spec.replicas'],
    [deployment({}, { command: 'sleep 1' }), `${container}.command`],
    [deployment({}, { ports: { containerPort: 80 } }), `${container}.ports`],
    [deployment({}, { env: [{ name: 'A', value: 1 }] }), `${container}.env[0].value`],
    [deployment({}, { tty: 'yes' }), `${container}.tty`],
    [deployment({}, { name: 1 }), `${container}.name`],
    [deployment({}, { image: {} }), `${container}.image`],
    [deployment({}, { resources: { limits: { cpu: 'much' } } }), `${container}.resources.limits[cpu]`],
    [deployment({}, { resources: [] }), `${container}.resources`],
    [deployment({}, { ports: [80] }), `${container}.ports[0]`],
    [deployment({}, {}, { app: true }), 'spec.template.metadata.labels[app]'],
  ])('is complained of once, at the value: %j', (spec, path) => {
    const paths = found(spec);
    expect(paths[0]).toEqual(['type', path]);
    // A label that is no text cannot be the one that is selected: that is a second fault.
    expect(paths.slice(1).filter(([, at]) => !at.endsWith('.labels'))).toEqual([]);
  });
});
