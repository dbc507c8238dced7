import { describe, expect, it } from 'vitest';
import type { Node } from '../../../src/types/kinds/core/node.ts';
import { defaultClassOf } from '../../../src/types/storage/claim-facts.ts';
import { allowsTopology, bestVolume, unfitReason } from '../../../src/types/storage/volume-matching.ts';
import type { MatchOptions } from '../../../src/types/storage/volume-matching.ts';
import { claimOf, classOf, referenceTo, volumeOf } from './objects.ts';
import type { ClaimSpec, VolumeSpec } from './objects.ts';

const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { zone: 'a' } } };
const here = (value: string): VolumeSpec => ({
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }] }] },
  },
});

function best(
  claim: ReturnType<typeof claimOf>,
  volumes: readonly ReturnType<typeof volumeOf>[],
  options?: MatchOptions,
): string | undefined {
  return bestVolume(claim, volumes, options)?.metadata.name;
}

describe('the best volume for a claim', () => {
  it('is the smallest that is large enough', () => {
    const volumes = [volumeOf('large', { size: '10Gi' }), volumeOf('fits', { size: '2Gi' }), volumeOf('small')];
    expect(best(claimOf('c', { size: '1500Mi' }), volumes)).toBe('fits');
    expect(best(claimOf('c', { size: '11Gi' }), volumes)).toBeUndefined();
  });

  it('offers no more modes than needed before it is small', () => {
    const volumes = [
      volumeOf('many', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }),
      volumeOf('one', { size: '5Gi' }),
      volumeOf('other', { accessModes: ['ReadOnlyMany'] }),
    ];
    expect(best(claimOf('c'), volumes)).toBe('one');
    expect(best(claimOf('c', { accessModes: ['ReadWriteMany'] }), volumes)).toBe('many');
    expect(best(claimOf('c', { accessModes: ['ReadWriteOncePod'] }), volumes)).toBeUndefined();
  });

  it.each<[string, ClaimSpec, VolumeSpec, boolean]>([
    ['the same class', { storageClassName: 'fast' }, { storageClassName: 'fast' }, true],
    ['another class', { storageClassName: 'fast' }, { storageClassName: 'slow' }, false],
    ['no class for a class', { storageClassName: 'fast' }, {}, false],
    ['a class for the empty one', { storageClassName: '' }, { storageClassName: 'fast' }, false],
    ['no class for the empty one', { storageClassName: '' }, {}, true],
    ['another mode', { volumeMode: 'Block' }, {}, false],
    ['other attributes', {}, { volumeAttributesClassName: 'gold' }, false],
  ])('is of %s: %#', (_name, claim, volume, fits) => {
    expect(best(claimOf('c', claim), [volumeOf('v', volume)])).toBe(fits ? 'v' : undefined);
  });

  it('has the labels that are asked for', () => {
    const claim = claimOf('c', { selector: { matchLabels: { tier: 'db' } } });
    expect(best(claim, [volumeOf('plain'), volumeOf('db', {}, { labels: { tier: 'db' } })])).toBe('db');
  });

  it('is free, and stays', () => {
    const claim = claimOf('c');
    expect(best(claim, [volumeOf('v', {}, {}, 'Pending')])).toBeUndefined();
    expect(best(claim, [volumeOf('v', { claimRef: referenceTo(claimOf('other')) })])).toBeUndefined();
    expect(best(claim, [volumeOf('v', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })])).toBeUndefined();
  });

  it('is the one that is kept for it, by name or by uid, whatever its class and labels', () => {
    const claim = claimOf('c', { storageClassName: 'fast', selector: { matchLabels: { a: 'b' } } });
    const free = volumeOf('free', { storageClassName: 'fast' }, { labels: { a: 'b' } });
    const named = { namespace: 'default', name: 'c' };
    expect(best(claim, [free, volumeOf('kept', { claimRef: named }, {}, 'Released')])).toBe('kept');
    expect(best(claim, [free, volumeOf('kept', { claimRef: referenceTo(claim) })])).toBe('kept');
    expect(best(claim, [free, volumeOf('kept', { claimRef: { ...named, uid: 'of an older claim' } })])).toBe('free');
  });

  it('waits for a node when its class does, unless it is kept', () => {
    const claim = claimOf('c');
    const volumes = [volumeOf('near', here('a')), volumeOf('far', { ...here('b'), size: '1100Mi' })];
    expect(best(claim, volumes, { delayed: true })).toBeUndefined();
    expect(best(claim, volumes, { delayed: true, node })).toBe('near');
    expect(best(claim, volumes.slice(1), { node })).toBeUndefined();
    expect(
      best(claim, [...volumes, volumeOf('kept', { ...here('b'), claimRef: referenceTo(claim) })], { node }),
    ).toBeUndefined();
    expect(best(claim, [volumeOf('kept', { claimRef: referenceTo(claim) })], { delayed: true })).toBe('kept');
    expect(best(claim, volumes, { node, excluded: new Set(['near']) })).toBeUndefined();
  });
});

describe('a volume that is asked for by name', () => {
  it.each<[string | undefined, ClaimSpec, VolumeSpec]>([
    [undefined, {}, {}],
    ['requested PV is too small', { size: '2Gi' }, {}],
    ['storageClassName does not match', { storageClassName: 'x' }, {}],
    ['incompatible volumeMode', { volumeMode: 'Block' }, {}],
    ['incompatible accessMode', { accessModes: ['ReadWriteMany'] }, {}],
  ])('fits or not: %s', (reason, claim, volume) => {
    expect(unfitReason(volumeOf('v', volume), claimOf('c', claim))).toBe(reason);
  });
});

describe('classes', () => {
  it('are the default by annotation, the newest of several', () => {
    const marked = (name: string, creationTimestamp: string) =>
      classOf(name, {
        metadata: { name, creationTimestamp, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      });
    const old = marked('old', '2026-01-01T00:00:00Z');
    expect(defaultClassOf([classOf('plain')])).toBeUndefined();
    expect(defaultClassOf([old, marked('young', '2026-02-01T00:00:00Z')])?.metadata.name).toBe('young');
    expect(defaultClassOf([old, marked('also', '2026-01-01T00:00:00Z')])?.metadata.name).toBe('also');
  });

  it('allow topologies', () => {
    const term = (...values: readonly string[]) => [{ matchLabelExpressions: [{ key: 'zone', values }] }];
    expect([undefined, [], term('b', 'a'), term('b')].map((terms) => allowsTopology(terms, node))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
