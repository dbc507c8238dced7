/** What the signers of the cluster sign, and what not. Source: pkg/apis/certificates/helpers.go, "Kubernetes signers" in the documentation. */

/** What somebody asks to have certified. */
export interface RequestedCertificate {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
}

export interface SigningOrder {
  /** PEM of the request. */
  readonly request: string;
  /** As in spec.usages. */
  readonly usages: readonly string[];
  readonly seconds: number;
}

/** The part of a certificate authority that the controller needs. */
export interface CertificateSigner {
  /** @throws Error for what is no request, or not signed by its own key */
  read(request: string): Promise<RequestedCertificate>;
  /** PEM of the certificate. */
  sign(order: SigningOrder): Promise<string>;
}

interface SignerRules {
  readonly usages: { readonly needed: readonly string[]; readonly allowed: readonly string[] };
  /** What is wrong with the subject; undefined when nothing is. */
  fault?(requested: RequestedCertificate): string | undefined;
}

const clientAuth = { needed: ['client auth'], allowed: ['client auth', 'digital signature', 'key encipherment'] };
const nodeClient = {
  needed: ['client auth', 'digital signature'],
  allowed: ['client auth', 'digital signature', 'key encipherment'],
};
const nodeServer = {
  needed: ['digital signature', 'server auth'],
  allowed: ['digital signature', 'key encipherment', 'server auth'],
};

/** THE table of signers. */
export const signers: Readonly<Record<string, SignerRules>> = {
  'kubernetes.io/kube-apiserver-client': { usages: clientAuth },
  'kubernetes.io/kube-apiserver-client-kubelet': {
    usages: nodeClient,
    fault: (requested) =>
      nodeFault(requested) ??
      (requested.dnsNames.length + requested.addresses.length > 0
        ? 'DNS and IP SANs are not allowed'
        : otherNamesFault(requested)),
  },
  'kubernetes.io/kubelet-serving': {
    usages: nodeServer,
    fault: (requested) =>
      nodeFault(requested) ??
      (requested.dnsNames.length + requested.addresses.length === 0
        ? 'DNS or IP subjectAltName is required'
        : otherNamesFault(requested)),
  },
};

function nodeFault({ organizations, commonName }: RequestedCertificate): string | undefined {
  if (organizations.length !== 1 || organizations[0] !== 'system:nodes')
    return 'subject organization is not system:nodes';
  if (!commonName.startsWith('system:node:')) return 'subject common name does not begin with system:node:';
  return undefined;
}

function otherNamesFault({ emails, uris }: RequestedCertificate): string | undefined {
  if (emails.length > 0) return 'email SANs are not allowed';
  return uris.length > 0 ? 'URI SANs are not allowed' : undefined;
}

/** Why the signer refuses; undefined when it does not. */
export function signerFault(
  { usages, fault }: SignerRules,
  requested: RequestedCertificate,
  asked: readonly string[],
): string | undefined {
  const missing = usages.needed.filter((usage) => !asked.includes(usage));
  if (missing.length > 0) return `usages did not contain [${missing.join(' ')}]`;
  const surplus = asked.filter((usage) => !usages.allowed.includes(usage));
  if (surplus.length > 0) return `usages may not contain [${surplus.join(' ')}]`;
  return fault?.(requested);
}
