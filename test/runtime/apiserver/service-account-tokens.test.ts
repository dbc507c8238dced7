/** Tokens of service accounts, as somebody verifies them who knows nothing but the issuer (OpenID Connect discovery). */
import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/shared/clock.ts';
import { isRecord } from '../../../src/shared/deep.ts';
import { createServiceAccountTokens } from '../../../src/runtime/apiserver/service-account-tokens.ts';
import { storeReader } from '../../../src/runtime/apiserver/object-reader.ts';
import { createMemoryStore } from '../../../src/runtime/storage/memory-store.ts';
import { startTestServer } from '../../support/api-server.ts';

describe('a token of a service account', () => {
  it('is verified by what the issuer publishes, with the one algorithm that every verifier has', async () => {
    await using server = await startTestServer();
    const answer = await server.send('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', {
      body: { spec: { audiences: ['somebody'], expirationSeconds: 3600 } },
    });
    const { status } = answer.json;
    const token = isRecord(status) ? String(status['token']) : '';
    const issuer = await server.send('GET', '/.well-known/openid-configuration');
    expect(issuer.json).toMatchObject({ id_token_signing_alg_values_supported: ['RS256'] });
    const { json, headers } = await server.send('GET', '/openid/v1/jwks');
    expect(headers['content-type']).toBe('application/jwk-set+json');
    const keys = Array.isArray(json['keys']) ? json['keys'].filter(isRecord) : [];
    expect(keys).toMatchObject([{ kty: 'RSA', alg: 'RS256', use: 'sig' }]);
    const { payload } = await jwtVerify(
      token,
      createLocalJWKSet({ keys: keys.map((key) => ({ ...key, kty: String(key['kty']) })) }),
      { algorithms: ['RS256'], audience: 'somebody', issuer: String(issuer.json['issuer']) },
    );
    expect(payload.sub).toBe('system:serviceaccount:default:default');
  });

  it('is signed by the key that the cluster was made with', async () => {
    const pair = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const store = createMemoryStore({ clock: systemClock });
    const tokens = createServiceAccountTokens({
      keys: () => Promise.resolve(pair),
      issuer: 'https://issuer',
      reader: storeReader(store),
      clock: systemClock,
    });
    const { token } = await tokens.issue({ namespace: 'a', name: 'b', uid: 'c', audiences: [], seconds: 60 });
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({ alg: 'ES256' });
    expect(await tokens.verify(token)).toEqual({ refusal: 'service account token has been invalidated' });
    await store[Symbol.asyncDispose]();
  });
});

describe('aggregated discovery', () => {
  it('is sent once to a client that keeps it', async () => {
    await using server = await startTestServer();
    const headers = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' };
    const first = await server.send('GET', '/apis', { headers });
    const etag = String(first.headers['etag']);
    expect((await server.send('GET', '/apis', { headers: { ...headers, 'if-none-match': etag } })).status).toBe(304);
    await server.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: {
        metadata: { name: 'things.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { plural: 'things', kind: 'Thing' },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        },
      },
    });
    expect((await server.send('GET', '/apis', { headers: { ...headers, 'if-none-match': etag } })).status).toBe(200);
  });
});
