import { deepClone } from '../../../shared/deep.ts';
import { defineKind } from '../../registry.ts';
import { humanDuration, columnsOf, orNone, textColumn } from '../../table.ts';
import { checkSigningSpec, checkSigningStatus, checkSigningUpdate } from '../../validation/signing-requests.ts';
import type * as certificates_v1 from '../generated/certificates-v1.gen.ts';

export type CertificateSigningRequest = certificates_v1.CertificateSigningRequest;

/** Approved or Denied, else Pending; then what became of it. */
function conditionText({ status }: CertificateSigningRequest): string {
  const types = (status?.conditions ?? []).map(({ type }) => type);
  const decision = types.findLast((type) => type === 'Approved' || type === 'Denied') ?? 'Pending';
  const failed = types.includes('Failed') ? ',Failed' : '';
  return `${decision}${failed}${(status?.certificate ?? '') === '' ? '' : ',Issued'}`;
}

/** A request for `CN=example` with an elliptic key, in a PEM block. */
const exampleRequest = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlITE1IUUNBUUF3RWpFUU1BNEdBMVVFQXd3SFpYaGhiWEJzWlRCWk1CTUdCeX',
  'FHU000OUFnRUdDQ3FHU000OQpBd0VIQTBJQUJPdzlCVVJRc2tpbEhabnpnQ3RKV1MzMGp1WVUvK3h5QkVQQnMwWTlwWkFSVlplYzJyb2NxRlBS',
  'CldSRldxL0F1WHhHSjZIdHZ1eUhUaFQ2bkdFcjBPVHlnQURBS0JnZ3Foa2pPUFFRREFnTkhBREJFQWlBTUJUeHUKeU44dnQ2cVlVU0E3OG1ybX',
  'F2OU5RRjg0cTBnSTFabmR3K2NDNUFJZ0hYckpJa1Bab2EyR1g0M1R1YktjZ0ZYcQpoL2ZRakZGR3h0THU5NTFkd204PQotLS0tLUVORCBDRVJU',
  'SUZJQ0FURSBSRVFVRVNULS0tLS0K',
].join('');

export const CertificateSigningRequest = defineKind<CertificateSigningRequest>(
  'certificates.k8s.io/v1',
  'CertificateSigningRequest',
  {
    shortNames: ['csr'],
    columns: columnsOf<CertificateSigningRequest>(
      [],
      [
        textColumn('SignerName', ({ spec }) => orNone(spec?.signerName)),
        textColumn('Requestor', ({ spec }) => spec?.username ?? ''),
        textColumn('RequestedDuration', ({ spec }) =>
          spec?.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000),
        ),
        textColumn('Condition', conditionText),
      ],
    ),
    selectableFields: [{ path: 'spec.signerName', value: ({ spec }) => spec?.signerName ?? '' }],
    validated: true,
    example: {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'example' },
      spec: { request: exampleRequest, signerName: 'example.com/signer', usages: ['client auth'] },
    },
    // Names of requests are free.
    validateName: () => [],
    validate({ spec, status }, issues) {
      checkSigningSpec(spec, issues.at('spec'));
      checkSigningStatus(status, issues.at('status'));
    },
    validateUpdate(next, previous, issues) {
      checkSigningUpdate(next, previous, { decide: false, sign: false }, issues);
    },
    validateStatusUpdate(next, previous, issues) {
      checkSigningStatus(next.status, issues.at('status'));
      checkSigningUpdate(next, previous, { decide: false, sign: true }, issues);
    },
    validateSubresourceUpdate(subresource, next, previous, issues) {
      if (subresource !== 'approval') return;
      checkSigningStatus(next.status, issues.at('status'));
      checkSigningUpdate(next, previous, { decide: true, sign: false }, issues);
    },
    prepareForUpdate(draft, previous) {
      // What was asked for stays as it was asked for.
      draft.spec = deepClone(previous.spec);
    },
  },
);
