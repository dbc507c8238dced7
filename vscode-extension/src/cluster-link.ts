/** The tie to a cluster that may come and go: follows its changes while somebody looks. */
import { ClusterRows } from './cluster-rows.ts';
import { startDashboardProcess } from './dashboard-process.ts';
import type { DashboardProcess } from './dashboard-process.ts';

const retry = 5_000;

export class ClusterLink {
  readonly rows = new ClusterRows();
  #process: Promise<DashboardProcess> | undefined;
  #following: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly command: () => readonly [string, ...string[]],
    readonly context: () => string,
    /** After each change, and when the cluster comes or goes. */
    readonly changed: (running: boolean) => void,
    readonly report: (message: string) => void,
  ) {}

  /** @throws Error when the cluster does not run */
  process(): Promise<DashboardProcess> {
    this.#process ??= startDashboardProcess(this.command(), this.context());
    this.#process.catch(() => (this.#process = undefined));
    return this.#process;
  }

  follow(wanted: boolean): void {
    clearTimeout(this.#timer);
    this.#following?.abort();
    this.#following = undefined;
    if (!wanted) return;
    const controller = new AbortController();
    this.#following = controller;
    void this.#follow(controller.signal);
  }

  /** Looks again at once. */
  refresh(): void {
    this.dispose();
    this.follow(true);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    try {
      const process = await this.process();
      for await (const change of process.changes(signal)) {
        this.rows.take(change);
        this.changed(this.rows.trouble === '');
      }
    } catch (error) {
      if (signal.aborted) return;
      this.report(error instanceof Error ? error.message : String(error));
    }
    if (signal.aborted) return;
    this.#drop();
    this.rows.clear();
    this.changed(false);
    this.#timer = setTimeout(() => void this.#follow(signal), retry);
  }

  #drop(): void {
    void this.#process?.then(
      (process) => process.dispose(),
      () => undefined,
    );
    this.#process = undefined;
  }

  dispose(): void {
    this.follow(false);
    this.#drop();
  }
}
