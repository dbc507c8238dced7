/** Thrown to the reader of a queue that was closed because it could not keep up. */
export class QueueOverflow extends Error {
  constructor(readonly limit: number) {
    super(`the reader fell more than ${limit} items behind`);
  }
}

/** Push side and async-iterator side of a bounded queue with one reader. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  #items: T[] = [];
  #head = 0;
  #wake: (() => void) | undefined;
  #closed = false;
  #failure: unknown;

  constructor(readonly limit: number = Number.POSITIVE_INFINITY) {}

  get size(): number {
    return this.#items.length - this.#head;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** False when the queue is closed or this item made it overflow; an overflow closes it with `QueueOverflow`. */
  push(item: T): boolean {
    if (this.#closed) return false;
    if (this.size >= this.limit) {
      this.#items = [];
      this.#head = 0;
      this.close(new QueueOverflow(this.limit));
      return false;
    }
    this.#items.push(item);
    this.#signal();
    return true;
  }

  /** Ends the iteration after what is queued, with `failure` thrown to the reader if given. */
  close(failure?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#failure = failure;
    this.#signal();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        while (this.#head < this.#items.length) {
          const item = this.#items[this.#head++];
          if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
            this.#items = this.#items.slice(this.#head);
            this.#head = 0;
          }
          if (item !== undefined) yield item;
        }
        if (this.#closed) {
          if (this.#failure !== undefined) throw this.#failure;
          return;
        }
        this.#items = [];
        this.#head = 0;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#closed = true;
      this.#items = [];
      this.#head = 0;
    }
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
