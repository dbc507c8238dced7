/** Collects what has to be undone and undoes it in reverse order; one failure does not keep the rest from being undone. */
export class DisposeStack implements AsyncDisposable {
  readonly #entries: (() => PromiseLike<void> | void)[] = [];

  use<T extends AsyncDisposable | Disposable>(resource: T): T {
    this.#entries.push(() =>
      Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose](),
    );
    return resource;
  }

  defer(undo: () => PromiseLike<void> | void): void {
    this.#entries.push(undo);
  }

  /** @throws AggregateError when more than one step failed, else the one error. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let undo = this.#entries.pop(); undo; undo = this.#entries.pop()) {
      try {
        await undo();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'several parts failed to stop');
  }
}
