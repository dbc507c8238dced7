import { builderOf } from 'kubewright';
import type { ObjectMeta } from 'kubewright';

/**
 * A Certificate is asked for here,
 * and kept in a Secret.
 * Namespaced.
 */
export interface Certificate {
  readonly apiVersion: 'certs.example.io/v1';
  readonly kind: 'Certificate';
  readonly metadata: ObjectMeta;
  /** Desired state *\/ of the certificate. */
  readonly spec?: CertificateSpec | undefined;
  readonly status?: CertificateStatus | undefined;
}

/** Builds a certs.example.io/v1 Certificate. */
export const certificate = builderOf<Certificate>('certs.example.io/v1', 'Certificate');

/** Desired state *\/ of the certificate. */
export interface CertificateSpec {
  /** Limits: maxLength 64. */
  readonly commonName?: string | undefined;
  readonly dnsNames?: readonly string[] | undefined;
  /** How long, as a Go duration. */
  readonly duration?: string | undefined;
  readonly isCA?: boolean | undefined;
  readonly issuerRef: CertificateIssuerRef;
  readonly keystores?: CertificateKeystores | null | undefined;
  readonly privateKey?: CertificatePrivateKey | undefined;
  /** Limits: minimum 1. */
  readonly revisionHistoryLimit?: number | undefined;
  readonly secretName: string;
  readonly secretTemplate?: CertificateSecretTemplate | undefined;
  readonly usages?: readonly CertificateUsage[] | undefined;
}

export interface CertificateIssuerRef {
  readonly group?: string | undefined;
  /** @default "Issuer" */
  readonly kind?: string | undefined;
  readonly name: string;
}

export interface CertificateKeystores {
  readonly jks?: CertificateJks | undefined;
  readonly pkcs12?: CertificateJks | undefined;
}

export interface CertificateJks {
  readonly create: boolean;
  readonly passwordSecretRef?: CertificatePasswordSecretRef | undefined;
}

export interface CertificatePasswordSecretRef {
  readonly key?: string | undefined;
  readonly name: string;
}

export interface CertificatePrivateKey {
  readonly algorithm?: 'RSA' | 'ECDSA' | 'Ed25519' | undefined;
  /** Limits: format "int32". */
  readonly size?: number | undefined;
}

export interface CertificateSecretTemplate {
  readonly annotations?: { readonly [key: string]: string } | undefined;
  readonly labels?: { readonly [key: string]: string } | undefined;
}

export type CertificateUsage =
  | 'signing'
  | 'digital signature'
  | 'content commitment'
  | 'key encipherment'
  | 'key agreement'
  | 'data encipherment'
  | 'cert sign'
  | 'crl sign'
  | 'encipher only'
  | 'decipher only'
  | 'any'
  | 'server auth'
  | 'client auth';

export interface CertificateStatus {
  readonly conditions?: readonly CertificateCondition[] | undefined;
  /** Limits: format "date-time". */
  readonly notAfter?: string | undefined;
}

export interface CertificateCondition {
  /** Limits: format "date-time". */
  readonly lastTransitionTime?: string | undefined;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly type: string;
}

/**
 * Namespaced.
 * @deprecated use v1
 */
export interface CertificateV1alpha2 {
  readonly apiVersion: 'certs.example.io/v1alpha2';
  readonly kind: 'Certificate';
  readonly metadata: ObjectMeta;
  readonly spec?: { readonly [key: string]: unknown } | undefined;
}

/** Builds a certs.example.io/v1alpha2 Certificate. */
export const certificateV1alpha2 = builderOf<CertificateV1alpha2>('certs.example.io/v1alpha2', 'Certificate');
