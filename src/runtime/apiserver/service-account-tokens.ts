/** Issues and verifies the tokens of service accounts (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/). */
import { createPrivateKey, randomUUID } from 'node:crypto';
import { SignJWT, exportJWK, importPKCS8, importSPKI, jwtVerify, calculateJwkThumbprint, errors } from 'jose';
import type { JWK } from 'jose';
import type { Clock } from '../../shared/clock.ts';
import { isRecord } from '../../shared/deep.ts';
import { Pod } from '../../types/kinds/core/pod.ts';
import { Secret } from '../../types/kinds/core/secret.ts';
import { ServiceAccount } from '../../types/kinds/core/service-account.ts';
import { fieldOf, textOf } from './fields.ts';
import type { ObjectReader } from './object-reader.ts';
import type { UserInfo } from './request.ts';
import { serviceAccountUser } from './authorization.ts';

const CLAIMS = 'kubernetes.io';

/** A token ends with the object that it is bound to. */
export interface BoundObject {
  readonly kind: 'Pod' | 'Secret';
  readonly name: string;
  readonly uid: string;
}

export interface TokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly bound?: BoundObject;
  /** Empty: the API server itself. */
  readonly audiences: readonly string[];
  readonly seconds: number;
}

export interface IssuedToken {
  readonly token: string;
  readonly audiences: readonly string[];
  readonly expires: Date;
}

export type VerifiedToken =
  { readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly refusal: string };

export interface ServiceAccountTokens {
  readonly issuer: string;
  issue(subject: TokenSubject): Promise<IssuedToken>;
  /** `audiences`: one of these must be among the token's; empty means the API server. */
  verify(token: string, audiences?: readonly string[]): Promise<VerifiedToken>;
  /** The public keys, for /openid/v1/jwks. */
  keys(): Promise<{ readonly keys: readonly (JWK & { readonly alg: string })[] }>;
}

export interface TokenOptions {
  /** PEM of an RSA key pair, or of an ECDSA P-256 one, as older clusters have. */
  keys(): Promise<{ readonly privateKey: string; readonly publicKey: string }>;
  readonly issuer: string;
  readonly reader: ObjectReader;
  readonly clock: Clock;
}

interface Keys {
  readonly algorithm: 'RS256' | 'ES256';
  readonly signingKey: Awaited<ReturnType<typeof importPKCS8>>;
  readonly publicKey: Awaited<ReturnType<typeof importSPKI>>;
  readonly jwk: JWK;
  readonly keyId: string;
}

async function importKeys({ keys }: TokenOptions): Promise<Keys> {
  const pair = await keys();
  const algorithm = createPrivateKey(pair.privateKey).asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
  const signingKey = await importPKCS8(pair.privateKey, algorithm);
  const publicKey = await importSPKI(pair.publicKey, algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { algorithm, signingKey, publicKey, jwk, keyId: await calculateJwkThumbprint(jwk) };
}

export function createServiceAccountTokens(options: TokenOptions): ServiceAccountTokens {
  const { issuer, clock } = options;
  let imported: Promise<Keys> | undefined;
  const keys = (): Promise<Keys> => (imported ??= importKeys(options));
  return {
    issuer,
    async issue(subject) {
      const { algorithm, keyId, signingKey } = await keys();
      const now = Math.floor(clock.now().getTime() / 1000);
      const audiences = subject.audiences.length === 0 ? [issuer] : [...subject.audiences];
      const claims = {
        namespace: subject.namespace,
        serviceaccount: { name: subject.name, uid: subject.uid },
        ...(subject.bound === undefined
          ? {}
          : { [subject.bound.kind.toLowerCase()]: { name: subject.bound.name, uid: subject.bound.uid } }),
      };
      const token = await new SignJWT({ [CLAIMS]: claims })
        .setProtectedHeader({ alg: algorithm, kid: keyId })
        .setIssuer(issuer)
        .setSubject(serviceAccountUser(subject.namespace, subject.name))
        .setAudience(audiences)
        .setJti(randomUUID())
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + subject.seconds)
        .sign(signingKey);
      return { token, audiences, expires: new Date((now + subject.seconds) * 1000) };
    },
    async verify(token, audiences = []) {
      const wanted = audiences.length === 0 ? [issuer] : [...audiences];
      const { algorithm, publicKey } = await keys();
      const claims = await claimsOf(token, { algorithm, publicKey, issuer, audiences: wanted, now: clock.now() });
      return typeof claims === 'string' ? { refusal: claims } : userOf(claims, wanted, options.reader);
    },
    async keys() {
      const { algorithm, jwk, keyId } = await keys();
      return { keys: [{ ...jwk, alg: algorithm, use: 'sig', kid: keyId }] };
    },
  };
}

interface Verification extends Pick<Keys, 'algorithm' | 'publicKey'> {
  readonly issuer: string;
  readonly audiences: string[];
  readonly now: Date;
}

/** The payload, or why it is refused. */
async function claimsOf(token: string, wanted: Verification): Promise<Readonly<Record<string, unknown>> | string> {
  try {
    const { payload } = await jwtVerify(token, wanted.publicKey, {
      issuer: wanted.issuer,
      audience: wanted.audiences,
      algorithms: [wanted.algorithm],
      currentDate: wanted.now,
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return `invalid bearer token: ${error.message}`;
    throw error;
  }
}

async function userOf(
  claims: Readonly<Record<string, unknown>>,
  wanted: readonly string[],
  reader: ObjectReader,
): Promise<VerifiedToken> {
  const own = claims[CLAIMS];
  const namespace = textOf(own, 'namespace');
  const [name, uid] = [textOf(own, 'serviceaccount', 'name'), textOf(own, 'serviceaccount', 'uid')];
  const account = await reader.get(ServiceAccount, { namespace, name });
  if (account?.metadata.uid !== uid) return { refusal: 'service account token has been invalidated' };
  const [pod, secret] = [fieldOf(own, 'pod'), fieldOf(own, 'secret')];
  if (
    isRecord(pod) &&
    (await reader.get(Pod, { namespace, name: textOf(pod, 'name') }))?.metadata.uid !== textOf(pod, 'uid')
  ) {
    return { refusal: 'the pod that the token is bound to is gone' };
  }
  if (
    isRecord(secret) &&
    (await reader.get(Secret, { namespace, name: textOf(secret, 'name') }))?.metadata.uid !== textOf(secret, 'uid')
  ) {
    return { refusal: 'the secret that the token is bound to is gone' };
  }
  const given = claims['aud'];
  const audiences = (Array.isArray(given) ? given.map(String) : [String(given)]).filter((audience) =>
    wanted.includes(audience),
  );
  const extra: Record<string, readonly string[]> = {
    'authentication.kubernetes.io/credential-id': [`JTI=${textOf(claims, 'jti')}`],
    ...(isRecord(pod)
      ? {
          'authentication.kubernetes.io/pod-name': [textOf(pod, 'name')],
          'authentication.kubernetes.io/pod-uid': [textOf(pod, 'uid')],
        }
      : {}),
  };
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { user: { username: serviceAccountUser(namespace, name), uid, groups, extra }, audiences };
}
