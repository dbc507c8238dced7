/** What may change in an object that exists: by the object itself, by its subresources. */
import { describe, expect, it } from 'vitest';
import { deepClone } from '../../../src/shared/deep.ts';
import type { KindDefinition } from '../../../src/types/define-kind.ts';
import { pathText } from '../../../src/types/field-issue.ts';
import { CertificateSigningRequest } from '../../../src/types/kinds/certificates/certificate-signing-request.ts';
import { Node } from '../../../src/types/kinds/core/node.ts';
import { PersistentVolumeClaim } from '../../../src/types/kinds/core/persistent-volume-claim.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import type { Draft, KubeObject } from '../../../src/types/meta.ts';
import { applyDefaults } from '../../../src/types/validation/apply-defaults.ts';
import { validateObject } from '../../../src/types/validation/validate-object.ts';

/** Places and words of what is wrong with a change of an object. */
function refusals<T extends KubeObject>(
  kind: KindDefinition<T>,
  stored: T,
  change: (draft: Draft<T>) => void,
  where: { readonly operation?: 'status'; readonly subresource?: string } = {},
): readonly string[] {
  const [previous, next] = [deepClone(stored), deepClone(stored)];
  for (const draft of [previous, next]) applyDefaults(kind, draft);
  change(next);
  return validateObject<KubeObject>(kind, next, { operation: 'update', ...where, previous }).map(
    ({ path, message }) => `${pathText(path)}: ${message}`,
  );
}

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    containers: [
      { name: 'web', image: 'nginx', resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1' } } },
    ],
    ephemeralContainers: [{ name: 'debug', image: 'busybox' }],
  },
};

describe('resizing a pod', () => {
  const resize = (change: (resources: { requests: Record<string, string>; limits: Record<string, string> }) => void) =>
    refusals(
      Pod,
      pod,
      (draft) => {
        const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1' } };
        change(resources);
        const [container] = draft.spec?.containers ?? [];
        if (container) container.resources = resources;
      },
      { subresource: 'resize' },
    );

  it('changes cpu and memory', () => {
    expect(resize(({ requests }) => (requests['cpu'] = '200m'))).toEqual([]);
  });
  it('takes nothing away', () => {
    expect(resize(({ requests }) => delete requests['cpu'])).toContain(
      'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
    );
  });
  it('leaves the class of service', () => {
    const guaranteed = resize((resources) => {
      resources.limits = { cpu: '1', memory: '64Mi' };
      resources.requests = { cpu: '1', memory: '64Mi' };
    });
    expect(guaranteed).toEqual([
      'spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing',
    ]);
  });
  it('is for cpu and memory only', () => {
    expect(resize(({ requests }) => (requests['ephemeral-storage'] = '1Gi'))).toEqual([
      'spec: Forbidden: only cpu and memory resources for containers and sidecar containers are mutable',
    ]);
  });
});

describe('ephemeral containers', () => {
  it('are added', () => {
    const added = refusals(
      Pod,
      pod,
      ({ spec }) =>
        spec?.ephemeralContainers?.push({
          name: 'more',
          image: 'a',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'Always',
        }),
      {
        subresource: 'ephemeralcontainers',
      },
    );
    expect(added).toEqual([]);
  });
  it('stay', () => {
    const removed = refusals(Pod, pod, ({ spec }) => spec && (spec.ephemeralContainers = []), {
      subresource: 'ephemeralcontainers',
    });
    expect(removed.join()).toContain('existing ephemeral containers "debug" may not be removed');
  });
});

describe('a claim', () => {
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } }, volumeName: 'disk' },
    status: { phase: 'Bound', capacity: { storage: '5Gi' } },
  };
  const sized = (storage: string) =>
    refusals(PersistentVolumeClaim, claim, ({ spec }) => {
      if (spec) spec.resources = { requests: { storage } };
    });

  it('may grow, and take a failed expansion back', () => {
    expect(sized('20Gi')).toEqual([]);
    expect(sized('6Gi')).toEqual([]);
  });
  it('never gets smaller than its volume', () => {
    expect(sized('1Gi')).toEqual([
      'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
    ]);
  });
});

describe('a node', () => {
  const node: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'a' },
    spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] },
  };
  it('may be cordoned and tainted', () => {
    const change = ({ spec }: Draft<Node>): void => {
      if (spec) Object.assign(spec, { unschedulable: true, taints: [{ key: 'a', effect: 'NoSchedule' }] });
    };
    expect(refusals(Node, node, change)).toEqual([]);
  });
  it('keeps its addresses', () => {
    const found = refusals(Node, node, ({ spec }) => spec && (spec.podCIDRs = ['10.1.0.0/24']));
    expect(found[0]).toBe('spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid');
  });
});

describe('a signing request', () => {
  const { example } = CertificateSigningRequest;
  const decide = (subresource?: string) =>
    example
      ? refusals(
          CertificateSigningRequest,
          example,
          (draft) => (draft.status = { conditions: [{ type: 'Approved', status: 'True' }] }),
          subresource === undefined ? { operation: 'status' } : { subresource },
        )
      : ['no example'];

  it('is approved by its subresource only', () => {
    expect(decide('approval')).toEqual([]);
    expect(decide()).toEqual(['status.conditions: Forbidden: updates may not add a condition of type "Approved"']);
  });
  it('cannot be approved and denied', () => {
    const both = example
      ? refusals(
          CertificateSigningRequest,
          example,
          (draft) => {
            const conditions = ['Approved', 'Denied'].map((type) => ({ type, status: 'True' }));
            draft.status = { conditions };
          },
          { subresource: 'approval' },
        )
      : [];
    expect(both).toEqual([
      'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    ]);
  });
});
