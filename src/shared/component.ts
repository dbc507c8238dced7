/** A long-lived part of a cluster. `start` resolves once the part is usable; disposing the result stops it. */
export interface Component {
  readonly name: string;
  start(signal: AbortSignal): Promise<AsyncDisposable>;
}
