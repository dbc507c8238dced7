/** Structured log lines, one JSON object each, with the name of the component that speaks. */
import { pino } from 'pino';

export interface Logger {
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, error?: unknown): void;
  error(message: string, error?: unknown): void;
  /** The same log under another component's name. */
  named(component: string): Logger;
}

interface Sink {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
  child(bindings: object): Sink;
}

function over(sink: Sink): Logger {
  return {
    info: (message, details = {}) => sink.info(details, message),
    warn: (message, error) => sink.warn(error === undefined ? {} : { err: error }, message),
    error: (message, error) => sink.error(error === undefined ? {} : { err: error }, message),
    named: (component) => over(sink.child({ component })),
  };
}

/** Writes to a file descriptor; 1 is the standard output. Lines are written at once, so that none is lost by a crash. */
export function createLogger(descriptor: number): Logger {
  return over(
    pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: descriptor, sync: true })),
  );
}

/** Says nothing. */
export const silentLogger: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  named: () => silentLogger,
};
