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

/** Goes over the wire as it is. */
export interface ProcessStatus {
  readonly status: 'Success' | 'Failure';
  readonly reason?: string;
  readonly message?: string;
  readonly details?: object;
  readonly code?: number;
}

export function processStatus(result: PodProcessResult): ProcessStatus {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {} } as const;
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
