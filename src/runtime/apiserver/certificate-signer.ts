/** Signs requests of others (PKCS #10) with the cluster's authority. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Clock } from '../../shared/clock.ts';

/** What a request asks to have certified, name by name. */
export interface RequestedNames {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
}

export interface RequestSigner {
  /** @throws Error for what is no request, or not signed by its own key */
  read(request: string): Promise<RequestedNames>;
  /** PEM. `usages` as certificates.k8s.io names them; those that say nothing of a certificate's use are left out. */
  sign(order: {
    readonly request: string;
    readonly usages: readonly string[];
    readonly seconds: number;
  }): Promise<string>;
}

export interface Issuer {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
  readonly algorithm: { readonly name: string; readonly namedCurve: string; readonly hash: string };
}

// Clocks of clients may lag behind.
const BACKDATE = 5 * 60 * 1000;

const keyUsages: Readonly<Record<string, x509.KeyUsageFlags>> = {
  signing: x509.KeyUsageFlags.digitalSignature,
  'digital signature': x509.KeyUsageFlags.digitalSignature,
  'content commitment': x509.KeyUsageFlags.nonRepudiation,
  'key encipherment': x509.KeyUsageFlags.keyEncipherment,
  'data encipherment': x509.KeyUsageFlags.dataEncipherment,
  'key agreement': x509.KeyUsageFlags.keyAgreement,
};
const extendedUsages: Readonly<Record<string, x509.ExtendedKeyUsage>> = {
  'client auth': x509.ExtendedKeyUsage.clientAuth,
  'server auth': x509.ExtendedKeyUsage.serverAuth,
};

export function requestSigner(issuer: Issuer, clock: Clock): RequestSigner {
  return {
    async read(pem) {
      const request = await verified(pem);
      const names = alternativeNames(request);
      const of = (type: string): readonly string[] =>
        names.filter((name) => name.type === type).map(({ value }) => value);
      return {
        commonName: request.subjectName.getField('CN')[0] ?? '',
        organizations: request.subjectName.getField('O'),
        dnsNames: of('dns'),
        addresses: of('ip'),
        emails: of('email'),
        uris: of('url'),
      };
    },
    async sign({ request: pem, usages, seconds }) {
      const request = await verified(pem);
      const now = clock.now().getTime();
      const names = alternativeNames(request);
      const flags = usages.reduce((all, usage) => all | (keyUsages[usage] ?? 0), 0);
      const extended = usages.flatMap((usage) => extendedUsages[usage] ?? []);
      const serial = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
      serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x01;
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serial.toString('hex'),
        subject: request.subject,
        issuer: issuer.certificate.subjectName,
        notBefore: new Date(now - BACKDATE),
        notAfter: new Date(Math.min(now + seconds * 1000, issuer.certificate.notAfter.getTime())),
        signingAlgorithm: issuer.algorithm,
        publicKey: request.publicKey,
        signingKey: issuer.key,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
          ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
          await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate),
          ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])]),
        ],
      });
      return `${certificate.toString('pem')}\n`;
    },
  };
}

async function verified(pem: string): Promise<x509.Pkcs10CertificateRequest> {
  const request = new x509.Pkcs10CertificateRequest(pem);
  if (!(await request.verify())) throw new Error('the request is not signed by its own key');
  return request;
}

function alternativeNames(request: x509.Pkcs10CertificateRequest): readonly x509.JsonGeneralName[] {
  const extension = request.extensions.find((each) => each instanceof x509.SubjectAlternativeNameExtension);
  return extension?.names.toJSON() ?? [];
}
