import { defineKind } from '../../registry.ts';
import type * as certificates_v1 from '../generated/certificates-v1.gen.ts';

export type CertificateSigningRequest = certificates_v1.CertificateSigningRequest;

export const CertificateSigningRequest = defineKind<CertificateSigningRequest>(
  'certificates.k8s.io/v1',
  'CertificateSigningRequest',
  {
    shortNames: ['csr'],
    selectableFields: [{ path: 'spec.signerName', value: ({ spec }) => spec?.signerName ?? '' }],
  },
);
