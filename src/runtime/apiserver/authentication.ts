/** Who is calling: the holder of a client certificate, of a service account's token, or nobody in particular. */
import type { PeerCertificate } from 'node:tls';
import type { UserInfo } from './request.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import { unauthorized } from './status-error.ts';

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** The user of a certificate that the TLS layer has verified; undefined without one. */
export function certificateUser(certificate: PeerCertificate): UserInfo | undefined {
  const subject: PeerCertificate['subject'] | undefined = certificate.subject;
  if (subject === undefined) return undefined;
  const name = listed(subject.CN)[0];
  if (name === undefined || name === '') return undefined;
  return { username: name, groups: [...new Set([...listed(subject.O), 'system:authenticated'])] };
}

// Node gives an array where an attribute stands several times, whatever its types say.
function listed(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? [value] : [];
}

/** @throws ApiError Unauthorized for a token that is no good. */
export async function authenticate(
  authorization: string | undefined,
  fromCertificate: UserInfo | undefined,
  tokens: ServiceAccountTokens,
): Promise<UserInfo> {
  if (fromCertificate) return fromCertificate;
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return ANONYMOUS;
  const verified = await tokens.verify(token);
  if ('refusal' in verified) throw unauthorized();
  return verified.user;
}
