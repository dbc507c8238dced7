import { isRecord } from '../../../shared/deep.ts';
import { ApiFailure } from '../../client/api-client.ts';

/** Refused because the namespace is going away: not worth an event or another attempt, since all in it goes too. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!(error instanceof ApiFailure) || error.reason !== 'Forbidden' || !isRecord(error.status)) return false;
  const { details } = error.status;
  const causes: unknown = isRecord(details) ? details['causes'] : undefined;
  return Array.isArray(causes) && causes.some((cause) => isRecord(cause) && cause['reason'] === 'NamespaceTerminating');
}

/** Does nothing more where the namespace is going away: what there was to do goes with it. */
export async function unlessNamespaceTerminates<T>(act: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (isNamespaceTerminating(error)) return otherwise;
    throw error;
  }
}
