/** Entry of the thread that type-checks, so that checking runs beside bundling and evaluation. */
import { parentPort, workerData } from 'node:worker_threads';
import { isRecord } from '../shared/deep.ts';
import { typeCheck } from './type-check.ts';

const entries: unknown = isRecord(workerData) ? workerData['entries'] : undefined;
if (Array.isArray(entries)) parentPort?.postMessage(typeCheck(entries.filter((entry) => typeof entry === 'string')));
