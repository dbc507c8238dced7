/** Pulls by the real Docker from a real, if small, registry. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerEngine } from '../../../src/runtime/engine/container-engine.ts';
import { localDocker } from '../../support/docker.ts';
import { ImageRegistry } from '../../support/image-registry.ts';

const signal = new AbortController().signal;

describe('pull', () => {
  let engine: ContainerEngine;
  beforeAll(async () => {
    engine = await localDocker([]);
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  it('brings an image by tag and by digest', async () => {
    await using registry = await ImageRegistry.start();
    expect(await engine.image(registry.image)).toBeUndefined();
    await engine.pull(registry.image, undefined, signal);
    const found = await engine.image(registry.image);
    expect(found).toMatchObject({ tags: [registry.image], command: ['/made'], user: '7' });
    const [byDigest = ''] = found?.digests ?? [];
    expect(byDigest).toMatch(new RegExp(`^${registry.address}/made@sha256:`));
    await engine.removeImage(registry.image);
    await engine.pull(byDigest, undefined, signal);
    expect((await engine.image(byDigest))?.id).toBe(found?.id);
    await engine.removeImage(byDigest);
    expect(await engine.image(byDigest)).toBeUndefined();
  });

  it('says what is not there', async () => {
    await using registry = await ImageRegistry.start();
    for (const image of [`${registry.address}/made:v2`, `${registry.address}/other`]) {
      await expect(engine.pull(image, undefined, signal)).rejects.toMatchObject({ reason: 'NotFound' });
    }
    await expect(engine.pull('UPPER/case', undefined, signal)).rejects.toMatchObject({ reason: 'InvalidSpec' });
  });

  it('passes credentials on', async () => {
    const login = { username: 'me', password: 'p:ü?>~' };
    await using registry = await ImageRegistry.start(login);
    const wrong = { ...login, password: 'no', serverAddress: registry.address };
    await expect(engine.pull(registry.image, undefined, signal)).rejects.toMatchObject({ reason: 'Unauthorized' });
    await expect(engine.pull(registry.image, wrong, signal)).rejects.toMatchObject({ reason: 'Unauthorized' });
    await engine.pull(registry.image, { ...login, serverAddress: registry.address }, signal);
    await engine.removeImage(registry.image);
  });

  it('is given up by the signal', async () => {
    await using registry = await ImageRegistry.start();
    const reason = new Error('enough');
    await expect(engine.pull(registry.image, undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
