/** Rules of certificate signing requests (certificates validation). */
import { X509Certificate, createPublicKey, verify } from 'node:crypto';
import { deepEqual } from '../../shared/deep.ts';
import type { IssueSink } from '../field-issue.ts';
import type * as certificates from '../kinds/generated/certificates-v1.gen.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../names.ts';
import { checkOneOf, checkPresent } from './field-checks.ts';

type Condition = certificates.CertificateSigningRequestCondition;

export const usages: readonly string[] = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
/** Conditions that say what was done; they are true or not there. */
const decisions = ['Approved', 'Denied', 'Failed'];

interface DerValue {
  readonly tag: number;
  readonly whole: Buffer;
  readonly content: Buffer;
}

/** The value at the start of the bytes, or undefined where they end too early. */
function readDer(bytes: Buffer): DerValue | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  const extra = first < 0x80 ? 0 : first & 0x7f;
  if (extra > 4 || (first >= 0x80 && extra === 0) || bytes.length < 2 + extra) return undefined;
  const length = extra === 0 ? first : bytes.readUIntBE(2, extra);
  const end = 2 + extra + length;
  if (bytes.length < end) return undefined;
  return { tag, whole: bytes.subarray(0, end), content: bytes.subarray(2 + extra, end) };
}

function derItems(bytes: Buffer): readonly DerValue[] | undefined {
  const items: DerValue[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const item = readDer(rest);
    if (!item) return undefined;
    items.push(item);
    rest = rest.subarray(item.whole.length);
  }
  return items;
}

/** Object identifiers of signatures, in hexadecimal, and the digest that each is made with. */
const digests: Readonly<Record<string, string | null>> = {
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2b6570': null,
};

/** What is wrong with a base64 PEM block that should hold a PKCS #10 request (RFC 2986). */
export function requestFault(request: string): string | undefined {
  const pem = Buffer.from(request, 'base64').toString('latin1');
  const block = /-----BEGIN CERTIFICATE REQUEST-----\s*([A-Za-z0-9+/=\s]*)-----END CERTIFICATE REQUEST-----/.exec(pem);
  if (!block) return 'PEM block type must be CERTIFICATE REQUEST';
  const outer = readDer(Buffer.from(block[1] ?? '', 'base64'));
  const parts = outer?.tag === 0x30 ? derItems(outer.content) : undefined;
  const [info, algorithm, signature] = parts ?? [];
  const fields = info && derItems(info.content);
  const key = fields?.[2];
  const oid = algorithm && readDer(algorithm.content);
  if (!info || !signature || !key || !oid) return 'asn1: syntax error: data truncated';
  const digest = digests[oid.content.toString('hex')];
  if (digest === undefined) return 'x509: cannot verify signature: algorithm unimplemented';
  try {
    const publicKey = createPublicKey({ key: key.whole, format: 'der', type: 'spki' });
    if (verify(digest, info.whole, publicKey, signature.content.subarray(1))) return undefined;
    return 'x509: signature verification failure';
  } catch (error) {
    return `x509: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** What is wrong with the certificates that a signer wrote. */
export function certificateFault(certificate: string): string | undefined {
  const pem = Buffer.from(certificate, 'base64').toString('latin1');
  const blocks = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)];
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block';
  for (const [whole, type = '', body = ''] of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (/^\s*[\w-]+:/.test(body)) return 'no PEM block headers are permitted';
    try {
      new X509Certificate(whole);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
  return undefined;
}

function checkLabels(
  part: string,
  separated: readonly string[],
  rule: (text: string) => readonly string[],
  at: IssueSink,
): void {
  const bad = separated.find((label) => rule(label).length > 0);
  if (bad === undefined) return;
  for (const error of rule(bad)) at.invalid(part, `validating label ${JSON.stringify(bad)}: ${error}`);
}

/** `domain/path`: a domain of at least two labels, and a path that a namespace and a name fit into. */
export function checkSignerName(signer: string, at: IssueSink): void {
  const segments = signer.split('/');
  const [domain = '', path = ''] = segments;
  if (segments.length !== 2) {
    at.invalid(signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
    return;
  }
  if (domain.length > 253) at.tooLong(domain, 253);
  checkLabels(domain, domain.split('.'), dns1123LabelErrors, at);
  if (!domain.includes('.')) at.invalid(domain, 'should be a domain with at least two segments separated by dots');
  checkLabels(path, path.split('.'), dns1123SubdomainErrors, at);
  if (signer.length > 571) at.tooLong(signer, 571);
}

export function checkSigningSpec(spec: certificates.CertificateSigningRequestSpec | undefined, at: IssueSink): void {
  const fault = requestFault(spec?.request ?? '');
  if (fault !== undefined) at.at('request').invalid(spec?.request ?? '', fault);
  const list: readonly string[] = spec?.usages ?? [];
  if (list.length === 0) at.at('usages').required('usages must be provided');
  list.forEach((usage, index) => {
    if (!usages.includes(usage)) at.at('usages', index).notSupported(usage, usages);
    if (list.indexOf(usage) < index) at.at('usages', index).duplicate(usage);
  });
  const signer = spec?.signerName;
  if (signer === 'kubernetes.io/legacy-unknown') {
    at.at('signerName').invalid(signer, 'the legacy signerName is not allowed via this API version');
  } else if (checkPresent(signer, at.at('signerName'), 'signerName must be provided')) {
    checkSignerName(signer, at.at('signerName'));
  }
  const seconds = spec?.expirationSeconds;
  if (seconds !== undefined && seconds < 600) {
    at.at('expirationSeconds').invalid(seconds, 'may not specify a duration less than 600 seconds (10 minutes)');
  }
}

function checkConditions(conditions: readonly Condition[], at: IssueSink): void {
  const seen = new Set<string>();
  conditions.forEach(({ type, status }, index) => {
    const place = at.at(index);
    checkPresent(type, place.at('type'));
    checkOneOf(status, decisions.includes(type) ? ['True'] : ['False', 'True', 'Unknown'], place.at('status'));
    const opposite = { Approved: 'Denied', Denied: 'Approved' }[type];
    if (opposite !== undefined && seen.has(opposite)) {
      place.at('type').invalid(type, 'Approved and Denied conditions are mutually exclusive');
    }
    if (seen.has(type)) place.at('type').duplicate(type);
    seen.add(type);
  });
}

export function checkSigningStatus(
  status: certificates.CertificateSigningRequestStatus | undefined,
  at: IssueSink,
): void {
  checkConditions(status?.conditions ?? [], at.at('conditions'));
  const { certificate } = status ?? {};
  const fault = certificate === undefined || certificate === '' ? undefined : certificateFault(certificate);
  if (fault !== undefined) at.at('certificate').invalid('<certificate data>', fault);
}

/** Who may write what: approvers their decision, signers the certificate, and nobody takes either back. */
export function checkSigningUpdate(
  next: certificates.CertificateSigningRequest,
  previous: certificates.CertificateSigningRequest,
  may: { readonly decide: boolean; readonly sign: boolean },
  issues: IssueSink,
): void {
  const at = issues.at('status');
  const own = ({ status }: certificates.CertificateSigningRequest, type: string): readonly Condition[] =>
    (status?.conditions ?? []).filter((condition) => condition.type === type);
  for (const type of decisions) {
    const [now, before] = [own(next, type), own(previous, type)];
    if (now.length < before.length) {
      at.at('conditions').forbidden(`updates may not remove a condition of type "${type}"`);
    } else if (!may.decide && type !== 'Failed') {
      const verb = now.length > before.length ? 'add' : 'modify';
      if (!deepEqual(now, before))
        at.at('conditions').forbidden(`updates may not ${verb} a condition of type "${type}"`);
    }
  }
  const [now, before] = [next.status?.certificate ?? '', previous.status?.certificate ?? ''];
  if (now === before) return;
  if (!may.sign) at.at('certificate').forbidden('updates may not set certificate content');
  else if (before !== '') at.at('certificate').forbidden('updates may not modify existing certificate content');
}
