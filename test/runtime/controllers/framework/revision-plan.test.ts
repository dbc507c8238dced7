/** The numbers and names of ControllerRevisions. */
import { describe, expect, it } from 'vitest';
import { newRevision, planRevision, templateOf } from '../../../../src/runtime/controllers/framework/revision-plan.ts';
import type { ControllerRevision } from '../../../../src/types/kinds/apps/controller-revision.ts';
import type { PodTemplateSpec } from '../../../../src/types/kinds/generated/core-v1.gen.ts';
import type { Persisted } from '../../../../src/types/meta.ts';

const owner: Persisted = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'set',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    annotations: { note: 'x' },
  },
};
const template = (image: string): PodTemplateSpec => ({
  metadata: { labels: { app: 'web' } },
  spec: { restartPolicy: 'Always', containers: [{ name: 'web', image }] },
});

function stored(image: string, number: number): Persisted<ControllerRevision> {
  const made = newRevision(owner, template(image), number, 'hash', 0);
  const creationTimestamp = '2026-01-01T00:00:00Z';
  return {
    ...made,
    metadata: { ...made.metadata, name: made.metadata.name ?? '', uid: image, resourceVersion: '1', creationTimestamp },
  };
}

describe('revisions', () => {
  it('begin with 1, and the present one keeps its number while it is the newest', () => {
    expect(planRevision(template('a'), [])).toMatchObject({ present: undefined, number: 1 });
    const [a, b] = [stored('a', 1), stored('b', 2)];
    expect(planRevision(template('b'), [b, a])).toEqual({ revisions: [a, b], present: b, number: 2 });
  });

  it('get a new number when they come back', () => {
    const [a, b] = [stored('a', 1), stored('b', 2)];
    expect(planRevision(template('a'), [a, b])).toMatchObject({ present: a, number: 3 });
  });

  it('hold the template as a patch in sorted order, and give it back', () => {
    const made = newRevision(owner, template('a'), 1, 'hash', 0);
    expect(JSON.stringify(made.data)).toBe(
      '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"image":"a","name":"web"}],"restartPolicy":"Always"}}}}',
    );
    expect(templateOf(made)).toEqual(template('a'));
    expect(made.metadata.annotations).toEqual({ note: 'x' });
    const hash = made.metadata.labels?.['hash'];
    expect(made.metadata.name).toBe(`web-${hash}`);
    expect(made.metadata.labels).toEqual({ app: 'web', hash });
  });

  it('have another name when theirs is taken', () => {
    const names = [0, 1, 2].map((collisions) => newRevision(owner, template('a'), 1, 'hash', collisions).metadata.name);
    expect(new Set(names).size).toBe(3);
  });

  it('have names that are not too long, whatever the name of their owner', () => {
    const long = { ...owner, metadata: { ...owner.metadata, name: 'x'.repeat(253) } };
    expect(newRevision(long, template('a'), 1, 'hash', 0).metadata.name?.length).toBeLessThanOrEqual(253);
  });

  it.each([{}, { spec: 1 }, { spec: { template: 'x' } }, { spec: { template: { spec: {} } } }])(
    'that hold something else hold no template: %j',
    (data) => expect(templateOf({ ...stored('a', 1), data })).toBeUndefined(),
  );
});
