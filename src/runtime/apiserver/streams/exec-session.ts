/** Running a command for a client, and the Status that tells how it ended, whatever carries the streams. */
import type { ExecTarget } from '../subresources/exec.ts';
import type { PodExecResult, PodExecStreams } from './pod-streams.ts';

/** Never rejects. */
export async function runExec(
  target: ExecTarget,
  streams: PodExecStreams,
  signal: AbortSignal,
): Promise<PodExecResult> {
  try {
    return await target.run(streams, signal);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

export function execStatus(result: PodExecResult): object {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {} };
  if ('error' in result) {
    return {
      ...base,
      status: 'Failure',
      reason: 'InternalError',
      message: result.error,
      details: { causes: [{ message: result.error }] },
      code: 500,
    };
  }
  if (result.exitCode === 0) return { ...base, status: 'Success' };
  return {
    ...base,
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${result.exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(result.exitCode) }] },
  };
}
