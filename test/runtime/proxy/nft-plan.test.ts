import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterNetwork } from '../../../src/runtime/network/cluster-network.ts';
import { planChange, printCommand } from '../../../src/runtime/proxy/nft-plan.ts';
import type { NftCommand } from '../../../src/runtime/proxy/nft-plan.ts';
import { describeTable, emptyState } from '../../../src/runtime/proxy/nft-state.ts';
import type { NftState } from '../../../src/runtime/proxy/nft-state.ts';
import { arbitraryTable } from './arbitrary-table.ts';

const network = clusterNetwork(0);

/** What the kernel would hold, as strict about wrong commands as it is. */
class KernelModel {
  readonly chains = new Map<string, string[]>();
  readonly sets = new Map<string, number>();
  readonly elements = emptyState().elements;

  run(commands: readonly NftCommand[]): void {
    for (const command of commands) this.#run(command);
    for (const [chain, rules] of this.chains) {
      for (const rule of rules) {
        for (const [, target] of rule.matchAll(/goto ([^ ,]+)/g))
          if (!this.chains.has(target ?? '')) throw new Error(`${chain} leads to no ${target}`);
        for (const [, set] of rule.matchAll(/@([^ ]+)/g))
          if (!this.sets.has(set ?? '')) throw new Error(`${chain} uses no ${set}`);
      }
    }
    for (const verdict of [...this.elements['service-ips'].values(), ...this.elements['service-nodeports'].values()]) {
      const rules = this.chains.get(verdict.replace('goto ', ''));
      if (rules === undefined || rules.length === 0) throw new Error(`${verdict} leads nowhere`);
    }
  }

  remove(unused: { readonly chains: readonly string[]; readonly sets: readonly string[] }): void {
    this.run([
      ...unused.chains.map((chain) => ({ do: 'delete chain', chain }) as const),
      ...unused.sets.map((set) => ({ do: 'delete set', set }) as const),
    ]);
  }

  #run(command: NftCommand): void {
    switch (command.do) {
      case 'add chain':
        if (!this.chains.has(command.chain)) this.chains.set(command.chain, []);
        return;
      case 'flush chain':
      case 'delete chain': {
        const rules = this.chains.get(command.chain);
        if (rules === undefined) throw new Error(`no chain ${command.chain}`);
        if (command.do === 'delete chain') this.chains.delete(command.chain);
        else rules.length = 0;
        return;
      }
      case 'add rule': {
        const rules = this.chains.get(command.chain);
        if (rules === undefined) throw new Error(`no chain ${command.chain}`);
        rules.push(command.rule);
        return;
      }
      case 'add set':
        this.sets.set(command.set, command.seconds);
        return;
      case 'flush set':
        if (!this.sets.has(command.set)) throw new Error(`no set ${command.set}`);
        return;
      case 'delete set':
        if (!this.sets.delete(command.set)) throw new Error(`no set ${command.set}`);
        return;
      case 'add element':
        for (const [key, value] of command.elements) {
          const held = this.elements[command.container].get(key);
          if (held !== undefined && held !== value) throw new Error(`${key} exists`);
          this.elements[command.container].set(key, value);
        }
        return;
      case 'delete element':
        for (const [key] of command.elements)
          if (!this.elements[command.container].delete(key)) throw new Error(`no ${key}`);
    }
  }

  expectToBe(state: NftState): void {
    const sorted = (map: ReadonlyMap<string, unknown>): unknown[] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(this.chains)).toEqual(sorted(state.chains));
    expect(sorted(this.sets)).toEqual(sorted(state.affinitySets));
    for (const [name, elements] of Object.entries(this.elements)) {
      const wanted = Object.entries(state.elements).find(([key]) => key === name)?.[1];
      expect(sorted(elements)).toEqual(sorted(wanted ?? new Map()));
    }
  }
}

describe('planChange', () => {
  it('brings the kernel from any table to any other', () => {
    fc.assert(
      fc.property(fc.array(arbitraryTable, { minLength: 1, maxLength: 5 }), (tables) => {
        const kernel = new KernelModel();
        let believed: NftState = emptyState();
        for (const table of tables) {
          const next = describeTable(table, network);
          const plan = planChange(believed, next);
          kernel.run(plan.commands);
          kernel.remove(plan.unused);
          kernel.expectToBe(next);
          believed = next;
        }
      }),
    );
  });

  it('does nothing where nothing changed', () => {
    fc.assert(
      fc.property(arbitraryTable, (table) => {
        expect(planChange(describeTable(table, network), describeTable(table, network))).toEqual({
          commands: [],
          unused: { chains: [], sets: [] },
        });
      }),
    );
  });

  it('touches one chain when one Service gets another endpoint', () => {
    const entry = (ips: string[]) => ({
      key: 'default/web/tcp/80',
      protocol: 'tcp' as const,
      port: 80,
      clusterIps: ['10.96.0.5'],
      externalIps: [],
      loadBalancerIps: [],
      sourceRanges: [],
      nodePort: 30_080,
      internal: ips.map((ip) => ({ ip, port: 8080, terminating: false })),
      external: ips.map((ip) => ({ ip, port: 8080, terminating: false })),
      externalLocal: undefined,
      affinitySeconds: undefined,
    });
    const [before, after] = [['10.244.0.2'], ['10.244.0.2', '10.244.0.3']].map((ips) =>
      describeTable([entry(ips)], network),
    );
    const commands = planChange(before ?? emptyState(), after ?? emptyState()).commands;
    expect(commands.map((command) => printCommand(command, 't'))).toEqual([
      'flush chain ip t svc/default/web/tcp/80',
      'add rule ip t svc/default/web/tcp/80 meta l4proto tcp dnat ip addr . port to numgen random mod 2 map { 0 : 10.244.0.2 . 8080, 1 : 10.244.0.3 . 8080 }',
      'add element ip t hairpin { 10.244.0.3 . 10.244.0.3 }',
    ]);
  });
});
