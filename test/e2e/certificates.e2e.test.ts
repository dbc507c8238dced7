/** Certificates for users, by `kubectl certificate`. */
import { webcrypto, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let cluster: TestCluster;
beforeAll(async () => void (cluster = await startTestCluster()));
afterAll(() => cluster[Symbol.asyncDispose]());

const signer = 'kubernetes.io/kube-apiserver-client';

interface Request {
  readonly manifest: string;
  /** PEM. */
  readonly key: string;
}

async function request(name: string, subject: string, spec: object = {}): Promise<Request> {
  x509.cryptoProvider.set(webcrypto);
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const made = await x509.Pkcs10CertificateRequestGenerator.create({ name: subject, keys, signingAlgorithm });
  const manifest = JSON.stringify({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(made.toString('pem')).toString('base64'),
      signerName: signer,
      usages: ['client auth', 'digital signature'],
      ...spec,
    },
  });
  return {
    manifest,
    key: x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'),
  };
}

describe('kubectl certificate', () => {
  it('makes a user of who asks', async () => {
    const { kubectl } = cluster;
    const { manifest, key } = await request('jane', 'CN=jane, O=developers', { expirationSeconds: 3600 });
    await kubectl.apply(manifest);
    await kubectl.ok('certificate approve jane');
    await kubectl.ok(['wait', 'csr/jane', '--for=jsonpath={.status.certificate}', '--timeout=20s']);
    expect(await kubectl.ok('get csr jane --no-headers')).toMatch(/jane .*kubernetes-admin +60m +Approved,Issued/);

    const pem = Buffer.from(await kubectl.ok('get csr jane -o jsonpath={.status.certificate}'), 'base64').toString();
    const { validFrom, validTo } = new X509Certificate(pem);
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(3600_000 + 300_000);
    const folder = temporaryDirectory();
    const [certificate, keyFile] = [join(folder, 'jane.crt'), join(folder, 'jane.key')];
    writeFileSync(certificate, pem);
    writeFileSync(keyFile, key, { mode: 0o600 });
    const { json } = { json: JSON.parse(await kubectl.ok('config view --raw --flatten -o json')) };
    const authority = join(folder, 'ca.crt');
    writeFileSync(authority, Buffer.from(json.clusters[0].cluster['certificate-authority-data'], 'base64'));
    const as = ['--kubeconfig=/dev/null', `--server=${cluster.cluster.server}`, `--certificate-authority=${authority}`];
    const jane = [...as, `--client-certificate=${certificate}`, `--client-key=${keyFile}`];
    expect(await kubectl.ok(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo}', ...jane])).toMatch(
      /"groups":\["developers","system:authenticated"\].*"username":"jane"/,
    );
    const refused = await kubectl.run(['get', 'pods', ...jane]);
    expect(refused.stderr).toContain('pods is forbidden: User "jane" cannot list resource "pods"');
  });

  it('tells why a signer refuses, and never makes an administrator', async () => {
    const { kubectl } = cluster;
    const { manifest } = await request('server', 'CN=x', { usages: ['server auth'] });
    await kubectl.apply(manifest);
    await kubectl.ok('certificate approve server');
    await kubectl.ok('wait csr/server --for=condition=Failed --timeout=20s');
    expect(await kubectl.ok('get csr server -o jsonpath={.status.conditions[1].message}')).toBe(
      'usages did not contain [client auth]',
    );

    const master = await request('master', 'CN=x, O=system:masters');
    const denied = await kubectl.run(['create', '-f', '-'], { input: master.manifest });
    expect(denied.stderr).toContain(`use of ${signer} signer with system:masters group is not allowed`);
  });

  it('lets decide only who may approve for the signer', async () => {
    const { kubectl } = cluster;
    await kubectl.apply((await request('asked', 'CN=asked')).manifest);
    await kubectl.ok(
      'create clusterrole csr --verb=get,list,update,patch --resource=certificatesigningrequests,certificatesigningrequests/approval',
    );
    await kubectl.ok('create clusterrolebinding csr --clusterrole=csr --user=joe');
    const refused = await kubectl.run('certificate approve asked --as=joe');
    expect(refused.stderr).toContain(`user not permitted to approve requests with signerName "${signer}"`);
    const rules = [
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['signers'],
        resourceNames: ['kubernetes.io/*'],
        verbs: ['approve'],
      },
    ];
    const identity = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' };
    await kubectl.apply(JSON.stringify({ ...identity, metadata: { name: 'approver' }, rules }));
    await kubectl.ok('create clusterrolebinding approver --clusterrole=approver --user=joe');
    await kubectl.ok('certificate approve asked --as=joe');
  });
});
