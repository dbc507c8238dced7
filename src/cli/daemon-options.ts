/** What a daemon is started with, handed over as one JSON argument. */
import { isRecord } from '../shared/deep.ts';

export interface DaemonOptions {
  readonly name: string;
  /** Where the record is. */
  readonly folder: string;
  readonly dataDir: string;
  /** 0: any free port. */
  readonly port: number;
  readonly store: string;
  readonly expose: boolean;
}

export function isDaemonOptions(value: unknown): value is DaemonOptions {
  return (
    isRecord(value) &&
    ['name', 'folder', 'dataDir', 'store'].every((key) => typeof value[key] === 'string') &&
    typeof value['port'] === 'number' &&
    typeof value['expose'] === 'boolean'
  );
}

/** The daemon's one message to the process that started it. */
export type DaemonMessage = { readonly ready: true } | { readonly failed: string };

export function isDaemonMessage(value: unknown): value is DaemonMessage {
  return isRecord(value) && (value['ready'] === true || typeof value['failed'] === 'string');
}
