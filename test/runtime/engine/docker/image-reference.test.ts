import { describe, expect, it } from 'vitest';
import { pullTarget } from '../../../../src/runtime/engine/docker/image-reference.ts';
import { reasonOfImageError } from '../../../../src/runtime/engine/docker/image-stream.ts';

describe('pullTarget', () => {
  for (const [image, fromImage, tag] of [
    ['nginx', 'nginx', 'latest'],
    ['nginx:1.27', 'nginx', '1.27'],
    ['localhost:5000/team/app', 'localhost:5000/team/app', 'latest'],
    ['localhost:5000/team/app:v1', 'localhost:5000/team/app', 'v1'],
    ['app@sha256:abc', 'app', 'sha256:abc'],
    ['localhost:5000/app:v1@sha256:abc', 'localhost:5000/app', 'sha256:abc'],
  ] as const) {
    it(image, () => expect(pullTarget(image)).toEqual({ fromImage, tag }));
  }
});

describe('reasonOfImageError', () => {
  for (const [message, reason] of [
    ['manifest for nginx:none not found: manifest unknown: manifest unknown', 'NotFound'],
    ["pull access denied for me/x, repository does not exist or may require 'docker login'", 'NotFound'],
    ['Get "https://no.example/v2/": dial tcp: lookup no.example: no such host', 'NotFound'],
    ['unauthorized: authentication required', 'Unauthorized'],
    ['Get "https://r.example/v2/": net/http: request canceled', 'Failed'],
    ['invalid reference format', 'InvalidSpec'],
  ] as const) {
    it(`${reason}: ${message}`, () => expect(reasonOfImageError(message)).toBe(reason));
  }
});
