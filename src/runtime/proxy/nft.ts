import { requireCommand, NetworkError } from '../network/command.ts';
import type { ClusterNetwork } from '../network/cluster-network.ts';
import { InteractiveTool } from '../network/interactive-tool.ts';
import { baseRuleset, planChange, printCommand } from './nft-plan.ts';
import type { NftCommand } from './nft-plan.ts';
import { emptyState } from './nft-state.ts';
import type { NftState } from './nft-state.ts';

/** Longer transactions go to a process of their own: the running one reads lines as from a terminal. */
const longestLine = 32_768;

/**
 * The Services' table in the kernel. It believes the kernel holds what it last put there; the first call, and every call after a
 * failure, replaces the whole table in one transaction. Calls must not overlap.
 */
export class NftTable implements AsyncDisposable {
  readonly #network: ClusterNetwork;
  readonly #expose: boolean;
  readonly #nft = new InteractiveTool(
    ['nft', '-i'],
    (count) => ({ line: `kubewright${count}`, opening: 'Error: ', token: `\nkubewright${count}\n` }),
    // Else it would keep a history file in the user's home.
    { HOME: '/nonexistent' },
  );
  #believed: NftState | undefined;
  #unused = { chains: new Set<string>(), sets: new Set<string>() };

  constructor(network: ClusterNetwork, expose: boolean) {
    this.#network = network;
    this.#expose = expose;
  }

  /** Whether something is left for `sweep`. */
  get hasUnused(): boolean {
    return this.#unused.chains.size > 0 || this.#unused.sets.size > 0;
  }

  /** When this resolves, the kernel follows `next`. @throws NetworkError; the table then is as before */
  async apply(next: NftState): Promise<void> {
    const believed = this.#believed;
    if (believed === undefined) return await this.#replace(next);
    const { commands, unused } = planChange(believed, next);
    if (commands.length > 0) {
      const complaint = await this.#run(commands);
      // Somebody else changed the table, or the kernel disagrees about a detail: starting afresh settles both.
      if (complaint !== undefined) return await this.#replace(next);
    }
    this.#believed = next;
    for (const chain of unused.chains) this.#unused.chains.add(chain);
    for (const set of unused.sets) this.#unused.sets.add(set);
  }

  /** Deletes what earlier changes have left unused; a second or more after them, for the sake of old kernels. */
  async sweep(): Promise<void> {
    const { chains, sets } = this.#unused;
    this.#unused = { chains: new Set(), sets: new Set() };
    const commands: NftCommand[] = [];
    for (const chain of chains)
      if (this.#believed?.chains.has(chain) !== true) commands.push({ do: 'delete chain', chain });
    for (const set of sets)
      if (this.#believed?.affinitySets.has(set) !== true) commands.push({ do: 'delete set', set });
    if (commands.length === 0) return;
    const complaint = await this.#run(commands);
    if (complaint !== undefined) this.#believed = undefined;
  }

  /** Whether the table is still there; a firewall that reloads its own rules may have thrown out all others. */
  async isPresent(): Promise<boolean> {
    const present = (await this.#nft.send([`list chain ip ${this.#network.serviceTable} refuse`])) === '';
    if (!present) this.#believed = undefined;
    return present;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#nft[Symbol.asyncDispose]();
  }

  async #replace(next: NftState): Promise<void> {
    this.#believed = undefined;
    this.#unused = { chains: new Set(), sets: new Set() };
    const { commands } = planChange(emptyState(), next);
    const fill = commands.map((command) => printCommand(command, this.#network.serviceTable)).join('\n');
    await requireCommand(['nft', '-f', '-'], `${baseRuleset(this.#network, this.#expose)}${fill}\n`);
    this.#believed = next;
  }

  /** One transaction. The result is nft's complaint, undefined when there is none. */
  async #run(commands: readonly NftCommand[]): Promise<string | undefined> {
    const lines = commands.map((command) => printCommand(command, this.#network.serviceTable));
    const line = lines.join(' ; ');
    try {
      if (line.length > longestLine) await requireCommand(['nft', '-f', '-'], `${lines.join('\n')}\n`);
      else {
        const complaint = await this.#nft.send([line]);
        if (complaint !== '') return complaint;
      }
      return undefined;
    } catch (error) {
      if (error instanceof NetworkError) return error.message;
      throw error;
    }
  }
}
