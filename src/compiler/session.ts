/** Compiles the same programs again and again: bundles by differences, and has the next worker running before it is needed. */
import { systemClock } from '../shared/clock.ts';
import type { CompileResult } from './assemble.ts';
import type { Checker } from './check.ts';
import type { CompileOptions, Workshop } from './evaluate.ts';
import { Evaluator } from './evaluator.ts';
import type { EvaluationLimits } from './evaluator.ts';
import { compile } from './index.ts';
import { Bundler } from './loader.ts';
import type { Bundle, Unsaved } from './loader.ts';

export class CompileSession implements Workshop, AsyncDisposable {
  readonly #bundlers = new Map<string, Bundler>();
  #spare: { readonly evaluator: Evaluator; readonly limits: EvaluationLimits } | undefined;

  constructor(readonly unsaved?: Unsaved) {}

  /** As `compile`; every program runs in a worker of its own each time. */
  compile(
    entries: readonly string[],
    loadChecker: () => Promise<Checker>,
    options: CompileOptions = {},
  ): Promise<readonly CompileResult[]> {
    return compile(entries, loadChecker, options, this);
  }

  bundle(entry: string): Promise<Bundle> {
    const bundler = this.#bundlers.get(entry) ?? new Bundler(entry, this.unsaved);
    this.#bundlers.set(entry, bundler);
    return bundler.bundle();
  }

  evaluator(limits: EvaluationLimits): Evaluator {
    const spare = this.#spare;
    const fits =
      spare?.limits.memoryMegabytes === limits.memoryMegabytes && spare.limits.time === limits.time
        ? spare.evaluator
        : undefined;
    if (spare && !fits) void spare.evaluator[Symbol.asyncDispose]();
    this.#spare = { evaluator: new Evaluator(systemClock, limits), limits };
    return fits ?? new Evaluator(systemClock, limits);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spare?.evaluator[Symbol.asyncDispose]();
    await Promise.all([...this.#bundlers.values()].map((bundler) => bundler[Symbol.asyncDispose]()));
  }
}
