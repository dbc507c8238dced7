import { isIP } from 'node:net';
import { defineKind } from '../../registry.ts';
import { columnsOf, orNone, textColumn } from '../../table.ts';
import { checkSubset } from '../../validation/endpoints.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Endpoints = core_v1.Endpoints;

const MOST_SHOWN = 3;

function endpointsText({ subsets }: Endpoints): string {
  const all = (subsets ?? []).flatMap(({ addresses = [], ports }) => {
    const shown = (ip: string): string => (isIP(ip) === 6 ? `[${ip}]` : ip);
    if (!ports || ports.length === 0) return addresses.map(({ ip }) => ip);
    return ports.flatMap(({ port }) => addresses.map(({ ip }) => `${shown(ip)}:${port}`));
  });
  const more = all.length - MOST_SHOWN;
  return orNone(all.slice(0, MOST_SHOWN).join(',') + (more > 0 ? ` + ${more} more...` : ''));
}

export const Endpoints = defineKind<Endpoints>('v1', 'Endpoints', {
  shortNames: ['ep'],
  columns: columnsOf<Endpoints>([textColumn('Endpoints', endpointsText)]),
  createOnUpdate: true,
  validated: true,
  example: {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'database' },
    subsets: [{ addresses: [{ ip: '192.0.2.10' }], ports: [{ port: 5432 }] }],
  },
  applyDefaults(draft) {
    for (const subset of draft.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ??= 'TCP';
  },
  validate({ subsets }, issues) {
    subsets?.forEach((subset, index) => checkSubset(subset, issues.at('subsets', index)));
  },
});
