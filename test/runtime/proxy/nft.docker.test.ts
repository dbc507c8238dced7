import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/shared/clock.ts';
import { clusterNetwork } from '../../../src/runtime/network/cluster-network.ts';
import { NftTable } from '../../../src/runtime/proxy/nft.ts';
import { describeTable } from '../../../src/runtime/proxy/nft-state.ts';
import { arbitraryTable } from './arbitrary-table.ts';

/** The table's text with elements, which the kernel keeps in no order, sorted. */
function listed(table: string): string {
  const text = execFileSync('nft', ['-s', 'list', 'table', 'ip', table], { encoding: 'utf8' });
  return text
    .replaceAll(table, 'TABLE')
    .replace(
      /elements = \{([^}]*)\}/g,
      (_, list: string) =>
        `elements = ${list
          .split(',')
          .map((one) => one.trim())
          .sort()
          .join(', ')}`,
    )
    .split('\n\n')
    .flatMap((block) => block.split(/\n(?=\t(?:chain|map|set) )/))
    .map((block) => block.replace(/\s+/g, ' ').replace(/( \})+ *$/, ''))
    .sort()
    .join('\n');
}

describe('NftTable', () => {
  it('reaches the same kernel table by differences as from nothing', async () => {
    const base = clusterNetwork(254, 202);
    const [one, two] = ['kubewright-test-a', 'kubewright-test-b'].map((serviceTable) => ({ ...base, serviceTable }));
    if (one === undefined || two === undefined) throw new Error('unreachable');
    await using byDifferences = new NftTable(one, false, systemClock);
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(arbitraryTable, { minLength: 2, maxLength: 4 }), async (tables) => {
          for (const table of tables) await byDifferences.apply(describeTable(table, one));
          await byDifferences.sweep();
          await using fromNothing = new NftTable(two, false, systemClock);
          await fromNothing.apply(describeTable(tables.at(-1) ?? [], two));
          expect(listed(one.serviceTable)).toBe(listed(two.serviceTable));
        }),
        { numRuns: 15 },
      );
    } finally {
      for (const { serviceTable } of [one, two]) execFileSync('nft', ['delete', 'table', 'ip', serviceTable]);
    }
  });
});
