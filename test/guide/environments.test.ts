import { compile } from 'kubewright';
import { describe, expect, it } from 'vitest';

async function built(env: string) {
  const { set, problems } = await compile('examples/environments/app.ts', { env });
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return (set?.manifests ?? []).map(({ object }) => object);
}

describe('the shop', () => {
  it.each(['dev', 'staging', 'prod'])('is sound in %s', async (env) => {
    expect(await built(env)).not.toEqual([]);
  });

  it('has more pods in production', async () => {
    const shop = (await built('prod')).find(({ kind }) => kind === 'Deployment');
    expect(shop).toMatchObject({ metadata: { name: 'shop', namespace: 'production' }, spec: { replicas: 4 } });
  });
});
