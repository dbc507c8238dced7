import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A fresh directory that goes with the running test, and again while a process that was ended still writes into it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kubewright-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }));
  return directory;
}
