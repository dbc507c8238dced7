import { describe, expect, it } from 'vitest';
import { untilCleanUp } from '../../../../src/runtime/controllers/certificate-cleaner/index.ts';
import { isWaiting } from '../../../../src/runtime/controllers/certificate-signing/index.ts';
import { signerFault, signers } from '../../../../src/runtime/controllers/certificate-signing/signers.ts';
import type { RequestedCertificate } from '../../../../src/runtime/controllers/certificate-signing/signers.ts';
import type { CertificateSigningRequest } from '../../../../src/types/kinds/certificates/certificate-signing-request.ts';

const nothing: RequestedCertificate = {
  commonName: 'jane',
  organizations: [],
  dnsNames: [],
  addresses: [],
  emails: [],
  uris: [],
};
const node = { ...nothing, commonName: 'system:node:a', organizations: ['system:nodes'] };
const [client, kubelet, serving] = ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving'];

describe('the signers of the cluster', () => {
  it.each<[string, RequestedCertificate, readonly string[], string | undefined]>([
    [client, nothing, ['client auth'], undefined],
    [client, nothing, ['client auth', 'digital signature', 'key encipherment'], undefined],
    [client, nothing, ['digital signature'], 'usages did not contain [client auth]'],
    [client, nothing, ['client auth', 'server auth'], 'usages may not contain [server auth]'],
    [kubelet, node, ['client auth', 'digital signature'], undefined],
    [kubelet, nothing, ['client auth', 'digital signature'], 'subject organization is not system:nodes'],
    [
      kubelet,
      { ...node, commonName: 'a' },
      ['client auth', 'digital signature'],
      'subject common name does not begin with system:node:',
    ],
    [kubelet, { ...node, dnsNames: ['a'] }, ['client auth', 'digital signature'], 'DNS and IP SANs are not allowed'],
    [serving, { ...node, addresses: ['10.0.0.1'] }, ['server auth', 'digital signature'], undefined],
    [serving, node, ['server auth', 'digital signature'], 'DNS or IP subjectAltName is required'],
    [
      serving,
      { ...node, dnsNames: ['a'], uris: ['spiffe://a'] },
      ['server auth', 'digital signature'],
      'URI SANs are not allowed',
    ],
  ])('%s looks at %j for %j', (name, requested, usages, fault) => {
    const rules = signers[`kubernetes.io/${name}`];
    expect(rules && signerFault(rules, requested, usages)).toBe(fault);
  });
});

const now = new Date('2026-01-02T12:00:00Z');
function request(types: readonly string[], status: object = {}): CertificateSigningRequest {
  const conditions = types.map((type) => ({ type, status: 'True', lastUpdateTime: '2026-01-02T11:30:00Z' }));
  const metadata = { name: 'a', creationTimestamp: '2026-01-02T11:00:00Z' };
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata,
    spec: { request: '', signerName: 'example.com/signer' },
    status: { conditions, ...status },
  };
}

describe('a signing request', () => {
  it('waits once it is approved, until it is signed, refused or denied', () => {
    const waiting = [['Approved'], [], ['Denied'], ['Approved', 'Denied'], ['Approved', 'Failed']].map((types) =>
      isWaiting(request(types)),
    );
    expect(waiting).toEqual([true, false, false, false, false]);
    expect(isWaiting(request(['Approved'], { certificate: 'Q0VSVA==' }))).toBe(false);
  });

  it('goes an hour after its decision, or a day after it was made when nobody decides', () => {
    const minute = 60_000;
    expect(untilCleanUp(request(['Approved']), now)).toBe(30 * minute);
    expect(untilCleanUp(request(['Denied']), now)).toBe(30 * minute);
    expect(untilCleanUp(request([]), now)).toBe(23 * 60 * minute);
    expect(untilCleanUp(request(['Approved']), new Date('2026-01-03T00:00:00Z'))).toBe(0);
  });
});
