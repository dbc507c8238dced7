import { describe, expect, it } from 'vitest';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import type { EphemeralContainer } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { deepClone } from '../../../src/shared/deep.ts';
import type { Draft } from '../../../src/types/meta.ts';
import { applyDefaults } from '../../../src/types/validation/apply-defaults.ts';
import { validateObject } from '../../../src/types/validation/validate-object.ts';

function podWith(ephemeralContainers: readonly EphemeralContainer[]): Draft<Pod> {
  const pod: Draft<Pod> = {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1' },
    spec: { containers: [{ name: 'app', image: 'app:1' }], ephemeralContainers: deepClone(ephemeralContainers) },
  };
  applyDefaults(Pod, pod);
  return pod;
}

function complaints(
  next: readonly EphemeralContainer[],
  before: readonly EphemeralContainer[] = [],
): readonly string[] {
  const options = { operation: 'update', subresource: 'ephemeralcontainers', previous: podWith(before) } as const;
  return validateObject(Pod, podWith(next), options).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

const debug: EphemeralContainer = { name: 'debug', image: 'busybox', targetContainerName: 'app' };

describe('ephemeral containers', () => {
  it('can be added', () => {
    expect(complaints([debug])).toEqual([]);
    expect(complaints([debug, { ...debug, name: 'more' }], [debug])).toEqual([]);
  });

  it('stay as they are', () => {
    expect(complaints([], [debug]).join()).toContain('existing ephemeral containers "debug" may not be removed');
    const changed = complaints([{ ...debug, image: 'other' }], [debug]);
    expect(changed.join()).toContain('existing ephemeral containers "debug" may not be changed');
  });

  it('have names of their own, a target that is there, and no probes', () => {
    expect(complaints([{ ...debug, name: 'app' }]).join()).toContain('Duplicate value: "app"');
    expect(complaints([{ ...debug, targetContainerName: 'none' }]).join()).toContain('Not found: "none"');
    const probed = complaints([{ ...debug, livenessProbe: { tcpSocket: { port: 80 } } }]);
    expect(probed.join()).toContain('cannot be set for an Ephemeral Container');
  });
});
