import type { Clock } from '../../shared/clock.ts';
import { ToolMissing, commandFailure } from './command.ts';
import { InteractiveTool } from './interactive-tool.ts';

/**
 * Starts the tools, so that the daemon does not: a fork copies the page tables of the process that forks, and write-protects its
 * memory, which costs a process of the daemon's size many times what it costs a shell. Nothing is put into this text; the process
 * and the lines for `ip` come as data. Both tools are silent unless they fail.
 */
const launcher = `while read -r pid batch; do
  if [ "$pid" = end ]; then printf 'kubewright end %s\\n' "$batch" >&2
  else said=$(printf '%b' "$batch" | nsenter -t "$pid" -n ip -batch - 2>&1) || printf '%s\\n' "$said" >&2
  fi
done`;

/** Runs `ip` inside the network namespaces of other processes, one after the other. */
export class NamespaceTool implements AsyncDisposable {
  readonly #shell: InteractiveTool;

  constructor(clock: Clock) {
    this.#shell = new InteractiveTool({
      argv: ['sh', '-c', launcher],
      endMarker: (count) => ({ line: `end ${count}`, opening: 'kubewright ', token: `end ${count}\n` }),
      clock,
    });
  }

  /** @param commands lines of `ip -batch`, without backslashes. @throws NetworkError with the tool's own words */
  async run(pid: number, commands: readonly string[]): Promise<void> {
    const complaint = await this.#shell.send([`${pid} ${commands.map((line) => `${line}\\n`).join('')}`]);
    if (complaint === '') return;
    if (/nsenter: .*not found/.test(complaint)) throw new ToolMissing('nsenter');
    throw commandFailure(`ip in the sandbox of process ${pid}`, complaint);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#shell[Symbol.asyncDispose]();
  }
}
