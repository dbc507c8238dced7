/** Deletes signing requests that nobody has use for any more (pkg/controller/certificates/cleaner). */
import { X509Certificate } from 'node:crypto';
import type { Milliseconds } from '../../../shared/clock.ts';
import { CertificateSigningRequest } from '../../../types/kinds/certificates/certificate-signing-request.ts';
import { isFailure } from '../../client/answers.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';

const HOUR: Milliseconds = 60 * 60 * 1000;
/** Since the decision; since the creation of what nobody decides. */
const lifetimes = { Approved: HOUR, Denied: HOUR, Failed: HOUR, pending: 24 * HOUR } as const;

export const certificateCleaner: Controller<CertificateSigningRequest> = {
  name: 'csrcleaner',
  account: 'certificate-controller',
  kind: CertificateSigningRequest,
  reconciler,
};

/** Time until the request goes; 0 when it is due. */
export function untilCleanUp({ metadata, status }: CertificateSigningRequest, now: Date): Milliseconds {
  const ends = [Date.parse(metadata.creationTimestamp ?? '') + lifetimes.pending];
  const conditions = status?.conditions ?? [];
  if (conditions.length > 0) ends.pop();
  for (const { type, lastUpdateTime } of conditions) {
    if (type === 'Approved' || type === 'Denied' || type === 'Failed')
      ends.push(Date.parse(lastUpdateTime ?? metadata.creationTimestamp ?? '') + lifetimes[type]);
  }
  const expiry = expiryOf(status?.certificate ?? '');
  if (expiry !== undefined) ends.push(expiry);
  return Math.max(0, Math.min(...ends.filter((end) => !Number.isNaN(end)), now.getTime() + 24 * HOUR) - now.getTime());
}

function expiryOf(certificate: string): number | undefined {
  if (certificate === '') return undefined;
  return Date.parse(new X509Certificate(Buffer.from(certificate, 'base64')).validTo);
}

function reconciler({ client, informers, clock }: ControllerContext): Reconcile {
  const requests = informers.of(CertificateSigningRequest);
  return async (key) => {
    const request = requests.get(key);
    if (!request) return;
    const delay = untilCleanUp(request, clock.now());
    if (delay > 0) return { requeueAfter: delay };
    const { uid, resourceVersion } = request.metadata;
    try {
      await client.of(CertificateSigningRequest).delete(key, { preconditions: { uid, resourceVersion } });
    } catch (error) {
      if (!isFailure(error, 'NotFound', 'Conflict')) throw error;
    }
    return;
  };
}
