/** The cluster's own small certificate authority: makes and renews what the server and its clients prove themselves with. */
import 'reflect-metadata';
import { createHash, generateKeyPair, webcrypto } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasCode } from '../../shared/error-code.ts';
import * as x509 from '@peculiar/x509';
import type { Clock } from '../../shared/clock.ts';
import { requestSigner } from './certificate-signer.ts';
import type { RequestSigner } from './certificate-signer.ts';

const generateKeyPairLater = promisify(generateKeyPair);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 24 * 60 * 60 * 1000;
const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 365;
/** A certificate is made anew when less than this is left of it. */
const RENEWAL_DAYS = 30;
// Clocks of clients may lag behind.
const BACKDATE = 60 * 60 * 1000;

export interface KeyPair {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface SigningKeys {
  /** PEM. */
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Everything the cluster needs to be trusted and to trust. */
export interface Certificates {
  /** PEM of the authority, for kubeconfig files and kube-root-ca.crt. */
  readonly authority: string;
  readonly server: KeyPair;
  /** Sign the tokens of service accounts. Made when the first token is asked for, which takes a moment. */
  tokens(): Promise<SigningKeys>;
  /** A certificate for a user: CN is the name, O the groups. */
  client(name: string, groups: readonly string[]): Promise<KeyPair>;
  /** Signs what others ask for. */
  readonly signer: RequestSigner;
}

export interface CertificateOptions {
  /** Belongs to the cluster; created if missing. Undefined: nothing is kept. */
  readonly directory?: string;
  /** Names and addresses by which the server is called. */
  readonly serverNames: readonly string[];
  readonly clock: Clock;
}

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

/** Reads what is there and makes what is missing, about to end, or for other names. */
export async function openCertificates(options: CertificateOptions): Promise<Certificates> {
  x509.cryptoProvider.set(webcrypto);
  const folder = new Folder(options.directory);
  const now = options.clock.now();
  const authority = await openAuthority(folder, now);
  const issue = (request: LeafRequest): Promise<KeyPair> => issueLeaf(authority, request, options.clock.now());
  const names = [...new Set(options.serverNames)].sort();
  const fingerprint = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 12);
  const server = await folder.pair(`server-${fingerprint}`, now, authority, () =>
    issue({ name: 'kube-apiserver', groups: [], names, usage: x509.ExtendedKeyUsage.serverAuth }),
  );
  return {
    authority: authority.certificate.toString('pem'),
    server,
    tokens: once(() => openSigningKeys(folder)),
    signer: requestSigner({ ...authority, algorithm: ALGORITHM }, options.clock),
    client: (name, groups) => {
      const file = `client-${createHash('sha256')
        .update([name, ...groups].join('\n'))
        .digest('hex')
        .slice(0, 12)}`;
      return folder.pair(file, options.clock.now(), authority, () =>
        issue({ name, groups, names: [], usage: x509.ExtendedKeyUsage.clientAuth }),
      );
    },
  };
}

interface LeafRequest {
  readonly name: string;
  readonly groups: readonly string[];
  readonly names: readonly string[];
  readonly usage: x509.ExtendedKeyUsage;
}

async function openAuthority(folder: Folder, now: Date): Promise<Authority> {
  const [certificate, key] = [await folder.read('ca.crt'), await folder.read('ca.key')];
  if (certificate !== undefined && key !== undefined) {
    const known = new x509.X509Certificate(certificate);
    if (known.notAfter.getTime() - now.getTime() > RENEWAL_DAYS * DAY)
      return { certificate: known, key: await importKey(key) };
  }
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: ['kubewright-ca'] }],
    notBefore: new Date(now.getTime() - BACKDATE),
    notAfter: new Date(now.getTime() + AUTHORITY_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await folder.write('ca.key', await exportKey(keys.privateKey));
  await folder.write('ca.crt', made.toString('pem'));
  return { certificate: made, key: keys.privateKey };
}

async function issueLeaf(authority: Authority, request: LeafRequest, now: Date): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const groups = request.groups.length === 0 ? [] : [{ O: [...request.groups] }];
  const names = request.names.map((name) => ({
    type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const),
    value: name,
  }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [...groups, { CN: [request.name] }],
    issuer: authority.certificate.subjectName,
    notBefore: new Date(now.getTime() - BACKDATE),
    notAfter: new Date(now.getTime() + LEAF_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([request.usage]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function openSigningKeys(folder: Folder): Promise<SigningKeys> {
  const [privateKey, publicKey] = [await folder.read('sa.key'), await folder.read('sa.pub')];
  if (privateKey !== undefined && publicKey !== undefined) return { privateKey, publicKey };
  // RS256 is what every verifier takes (OpenID Connect Core 15.1); some take nothing else.
  const made = await generateKeyPairLater('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await folder.write('sa.key', made.privateKey);
  await folder.write('sa.pub', made.publicKey);
  return made;
}

function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  // A serial number is positive: the first bit stays clear.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return Buffer.from(bytes).toString('hex');
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [bytes] = x509.PemConverter.decode(pem);
  if (!bytes) throw new Error('the file of the certificate authority holds no private key');
  return webcrypto.subtle.importKey('pkcs8', bytes, ALGORITHM, true, ['sign']);
}

/** Files that only their owner may read. */
class Folder {
  readonly #directory: string | undefined;

  constructor(directory: string | undefined) {
    this.#directory = directory;
  }

  async read(name: string): Promise<string | undefined> {
    if (this.#directory === undefined) return undefined;
    try {
      return await readFile(join(this.#directory, name), 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  async write(name: string, text: string): Promise<void> {
    if (this.#directory === undefined) return;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, name);
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await chmod(`${path}.new`, 0o600);
    await rename(`${path}.new`, path);
  }

  /** The stored pair if it is still good for a while and of this authority, else a new one. */
  async pair(name: string, now: Date, authority: Authority, make: () => Promise<KeyPair>): Promise<KeyPair> {
    const [certificate, key] = [await this.read(`${name}.crt`), await this.read(`${name}.key`)];
    if (certificate !== undefined && key !== undefined) {
      const known = new x509.X509Certificate(certificate);
      const young = known.notAfter.getTime() - now.getTime() > RENEWAL_DAYS * DAY;
      if (young && (await known.verify({ publicKey: authority.certificate, signatureOnly: true })))
        return { certificate, key };
    }
    const made = await make();
    await this.write(`${name}.key`, made.key);
    await this.write(`${name}.crt`, made.certificate);
    return made;
  }
}
