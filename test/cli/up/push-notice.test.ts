import { describe, expect, it } from 'vitest';
import { pushNotice } from '../../../src/cli/up/images.ts';
import type { Manifest } from '../../../src/compiler/manifest-set.ts';

function manifest(reference: string, args: Readonly<Record<string, string>> = {}): Manifest {
  const build = {
    reference,
    context: '/a b/web',
    dockerfile: '/a b/web/Dockerfile',
    args,
    target: undefined,
    platform: 'linux/arm64',
  };
  return {
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
    kind: undefined,
    place: () => undefined,
    images: [{ build, places: [] }],
  };
}

describe('images for other clusters', () => {
  it('are named once each, with the commands that bring them there', () => {
    expect(
      pushNotice([manifest('ghcr.io/you/web:1', { A: "it's" }), manifest('ghcr.io/you/web:1', { A: "it's" })]),
    ).toBe(
      [
        'an image is built from source; that cluster pulls it from the registry, so push first:',
        "  docker build -t ghcr.io/you/web:1 -f '/a b/web/Dockerfile' --build-arg 'A=it'\\''s' --platform linux/arm64 '/a b/web' && docker push ghcr.io/you/web:1",
      ].join('\n'),
    );
    expect(pushNotice([manifest('kubewright.local/web:1'), manifest('kubewright.local/api:2')])).toMatch(
      /^2 images are built.*first give it a name in a registry.*kubewright\.local\/api:2/s,
    );
  });
});
