import type { Clock } from '../../shared/clock.ts';
import { NetworkError, requireCommand, runCommand } from '../network/command.ts';
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
  readonly #nft: InteractiveTool;
  /** False once nft has turned out not to have an interactive mode as expected; each change then starts a process. */
  #isInteractive = true;
  #believed: NftState | undefined;
  #unused = { chains: new Set<string>(), sets: new Set<string>() };

  constructor(network: ClusterNetwork, expose: boolean, clock: Clock) {
    this.#network = network;
    this.#expose = expose;
    this.#nft = new InteractiveTool({
      argv: ['nft', '-i'],
      endMarker: (count) => ({ line: `kubewright${count}`, opening: 'Error: ', token: `\nkubewright${count}\n` }),
      environment: { HOME: '/nonexistent' }, // else it would keep a history file in the user's home
      clock,
    });
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
    const listed = await runCommand(['nft', 'list', 'chain', 'ip', this.#network.serviceTable, 'refuse']);
    const present = listed.code === 0;
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
    if (this.#isInteractive && line.length <= longestLine) {
      const complaint = await this.#ask(line);
      return complaint === '' ? undefined : complaint;
    }
    const result = await runCommand(['nft', '-f', '-'], `${lines.join('\n')}\n`);
    return result.code === 0 ? undefined : result.stderr;
  }

  async #ask(line: string): Promise<string> {
    try {
      return await this.#nft.send([line]);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.#isInteractive = false;
      return error.message;
    }
  }
}
