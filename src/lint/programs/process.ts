/** Entry of the process that runs programs for an editor: one request at a time, one answer each. */
import { isRecord } from '../../shared/deep.ts';
import { ProgramCheck } from './check.ts';
import type { ProgramRequest } from './report.ts';

function isRequest(value: unknown): value is ProgramRequest {
  return isRecord(value) && Array.isArray(value['files']) && isRecord(value['unsaved']);
}

const check = new ProgramCheck();
let last: Promise<unknown> = Promise.resolve();

async function answer(request: ProgramRequest): Promise<void> {
  try {
    process.send?.(await check.check(request));
  } catch (error) {
    process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

process.on('message', (message) => {
  if (isRequest(message)) last = last.then(() => answer(message));
});
// The editor is gone.
process.on('disconnect', () => process.exit());
