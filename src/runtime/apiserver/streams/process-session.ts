/** Serving the streams of a process to a client, and the Status that tells how it ended, whatever carries them. */
import type { ProcessTarget } from '../subresources/process-target.ts';
import type { PodProcessResult, PodProcessStreams } from './pod-streams.ts';

/** Never rejects. */
export async function runProcess(
  target: ProcessTarget,
  streams: PodProcessStreams,
  signal: AbortSignal,
): Promise<PodProcessResult> {
  try {
    return await target.run(streams, signal);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

export function processStatus(result: PodProcessResult): object {
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
