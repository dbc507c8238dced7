/** Signs what was approved for the cluster's own signers (pkg/controller/certificates/signer). */
import { CertificateSigningRequest } from '../../../types/kinds/certificates/certificate-signing-request.ts';
import type { CertificateSigningRequestCondition } from '../../../types/kinds/generated/certificates-v1.gen.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { signerFault, signers } from './signers.ts';
import type { CertificateSigner } from './signers.ts';

/** Also the most that anybody gets (upstream's --cluster-signing-duration). */
const YEAR_SECONDS = 365 * 24 * 60 * 60;

export function certificateSigningController(signer: CertificateSigner): Controller<CertificateSigningRequest> {
  return {
    name: 'csrsigning',
    account: 'certificate-controller',
    kind: CertificateSigningRequest,
    reconciler: (context) => reconciler(context, signer),
  };
}

/** Approved, not decided otherwise, and not signed yet. */
export function isWaiting({ status }: CertificateSigningRequest): boolean {
  const has = (type: string): boolean => status?.conditions?.some((condition) => condition.type === type) === true;
  return has('Approved') && !has('Denied') && !has('Failed') && (status?.certificate ?? '') === '';
}

function reconciler({ client, informers, clock }: ControllerContext, signer: CertificateSigner): Reconcile {
  const requests = informers.of(CertificateSigningRequest);
  return async (key) => {
    const current = requests.get(key);
    const rules = signers[current?.spec?.signerName ?? ''];
    if (!current?.spec || !rules || !isWaiting(current)) return;
    const request = Buffer.from(current.spec.request, 'base64').toString();
    const usages = current.spec.usages ?? [];
    const seconds = Math.min(current.spec.expirationSeconds ?? YEAR_SECONDS, YEAR_SECONDS);
    const fault = signerFault(rules, await signer.read(request), usages);
    const status =
      fault === undefined
        ? { ...current.status, certificate: base64(await signer.sign({ request, usages, seconds })) }
        : { ...current.status, conditions: [...(current.status?.conditions ?? []), failed(fault, clock.now())] };
    await update(current, status);
  };

  async function update(
    current: Persisted<CertificateSigningRequest>,
    status: CertificateSigningRequest['status'],
  ): Promise<void> {
    try {
      await client.of(CertificateSigningRequest).updateStatus({ ...current, ...(status && { status }) });
    } catch (error) {
      // Deleted meanwhile.
      if (!isFailure(error, 'NotFound')) throw error;
    }
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function failed(message: string, now: Date): CertificateSigningRequestCondition {
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message,
    lastUpdateTime: time,
    lastTransitionTime: time,
  };
}
