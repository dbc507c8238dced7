import { describe, expect, it } from 'vitest';
import { planSlices } from '../../../../src/runtime/controllers/endpoint-slice/plan.ts';
import type { EndpointGroup } from '../../../../src/runtime/controllers/endpoint-slice/plan.ts';
import type { EndpointSlice } from '../../../../src/types/kinds/discovery/endpoint-slice.ts';
import type { Persisted } from '../../../../src/types/meta.ts';

const meta = { namespace: 'default', generateName: 'web-', labels: { app: 'web' } };
const group = (from: number, to: number): EndpointGroup => ({
  addressType: 'IPv4',
  ports: [{ name: '', port: 80, protocol: 'TCP' }],
  endpoints: Array.from({ length: to - from }, (_, i) => ({
    addresses: [`10.0.0.${from + i}`],
    conditions: { ready: true },
    targetRef: { uid: `u${from + i}` },
  })),
});
const stored = (slice: EndpointSlice, name: string): Persisted<EndpointSlice> => ({
  ...slice,
  metadata: { ...slice.metadata, name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
});

describe('the plan of EndpointSlices', () => {
  it('splits by the limit, and then changes nothing', () => {
    const { create } = planSlices(meta, [group(0, 5)], [], 2);
    expect(create.map(({ endpoints }) => endpoints?.length)).toEqual([2, 2, 1]);
    const slices = create.map((slice, i) => stored(slice, `s${i}`));
    expect(planSlices(meta, [group(0, 5)], slices, 2)).toEqual({ create: [], update: [], remove: [] });
  });

  it('fills a slice up before it makes another, and removes one that is empty', () => {
    const slices = planSlices(meta, [group(0, 3)], [], 2).create.map((slice, i) => stored(slice, `s${i}`));
    const grown = planSlices(meta, [group(0, 4)], slices, 2);
    expect([grown.create.length, grown.update.map(({ metadata }) => metadata.name), grown.remove.length]).toEqual([
      0,
      ['s1'],
      0,
    ]);
    const shrunk = planSlices(meta, [group(0, 2)], slices, 2);
    expect([shrunk.create.length, shrunk.update.length, shrunk.remove.map(({ metadata }) => metadata.name)]).toEqual([
      0,
      0,
      ['s1'],
    ]);
  });

  it('keeps one empty slice for a service without endpoints', () => {
    const empty: EndpointGroup = { addressType: 'IPv4', ports: [], endpoints: [] };
    const { create } = planSlices(meta, [empty], [], 100);
    expect(create).toHaveLength(1);
    expect(
      planSlices(
        meta,
        [empty],
        create.map((slice) => stored(slice, 's')),
        100,
      ),
    ).toEqual({ create: [], update: [], remove: [] });
    const first = planSlices(
      meta,
      [group(0, 1)],
      create.map((slice) => stored(slice, 's')),
      100,
    );
    expect([first.create.length, first.remove.length]).toEqual([1, 1]);
  });
});
