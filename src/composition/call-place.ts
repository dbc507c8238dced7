/** Errors that come up after the call that led to them point to it all the same. */

export class CallPlace {
  // Its stack is only written when it is asked for.
  readonly #call: { readonly stack?: string } = {};

  /** @param below the function whose caller is meant */
  constructor(below: (...parameters: never[]) => unknown) {
    Error.captureStackTrace(this.#call, below);
  }

  /** The same error with this place. */
  placed(error: unknown): unknown {
    const frames = (this.#call.stack ?? '').split('\n').slice(1);
    if (error instanceof Error) error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n');
    return error;
  }

  async of<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (error) {
      throw this.placed(error);
    }
  }
}
