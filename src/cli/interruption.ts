/** Ctrl-C as an AbortSignal. */
import { setMaxListeners } from 'node:events';
import { Exit } from './command.ts';

/** While it is in use, SIGINT and SIGTERM abort the signal with an Exit of code 130 instead of ending the process. */
export function interruption(): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  // Every request of a command listens to it.
  setMaxListeners(0, controller.signal);
  const abort = (): void => controller.abort(new Exit(130));
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.removeListener('SIGINT', abort);
      process.removeListener('SIGTERM', abort);
    },
  };
}
