import { describe, expect, it } from 'vitest';
import type { Container, Pod, PodSpec } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import type { ContainerSpec, ImageInfo } from '../../../src/runtime/engine/container-engine.ts';
import { containerSpec, sandboxSpec } from '../../../src/runtime/kubelet/container-spec.ts';

const image: ImageInfo = {
  ...{
    id: 'sha256:1',
    tags: [],
    digests: [],
    sizeBytes: 1,
    user: '',
    entrypoint: [],
    command: [],
    workingDir: '',
    env: [],
  },
};
const machine = { memoryBytes: 2 ** 30, cgroupDriver: 'cgroupfs', canLowerOomScore: false } as const;

function podOf(container: Partial<Container>, spec: Partial<PodSpec> = {}): Pod {
  const containers = [{ name: 'app', image: 'x', ...container }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'a-b' },
    spec: { containers, ...spec },
  };
}

function specOf(
  container: Partial<Container>,
  spec: Partial<PodSpec> = {},
  with_: Partial<ImageInfo> = {},
): ContainerSpec {
  return containerSpec({
    ...{
      pod: podOf(container, spec),
      container: { name: 'app', image: 'x', ...container },
      own: { 'kubewright.dev/cluster': 'c' },
      attempt: 2,
    },
    ...{ sandboxId: 's', image: { ...image, ...with_ }, variables: new Map([['A', '1']]), mounts: [], machine },
    ...{ seccompProfile: undefined, target: undefined },
  });
}

describe('container spec', () => {
  it('names, labels and joins the sandbox', () => {
    const spec = specOf({ command: ['run', '$(A)'] });
    expect(spec).toMatchObject({
      ...{ name: 'k8s_app_web_shop_a-b_2', network: { container: 's' }, ipc: { container: 's' } },
      ...{ entrypoint: ['run', '1'], command: [], env: ['A=1'], cpuShares: 2, oomScoreAdj: 1000 },
      ...{ cgroupParent: '/kubepods/besteffort/poda-b', securityOptions: ['seccomp=unconfined'] },
    });
    expect(spec.labels).toMatchObject({ 'io.kubernetes.container.name': 'app', 'kubewright.dev/cluster': 'c' });
  });

  it('turns requests and limits into shares, quota and bytes', () => {
    const resources = { requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: '500m', memory: '512Mi' } };
    expect(specOf({ resources })).toMatchObject({
      ...{ cpuShares: 256, cpuQuota: 50_000, cpuPeriod: 100_000, memoryBytes: 2 ** 29, oomScoreAdj: 750 },
      cgroupParent: '/kubepods/burstable/poda-b',
    });
    const same = { cpu: '1', memory: '1Gi' };
    expect(specOf({ resources: { requests: same, limits: same } }).cgroupParent).toBe('/kubepods/poda-b');
  });

  it('carries the security context', () => {
    const securityContext = {
      ...{ runAsUser: 7, runAsGroup: 8, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
      capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
    };
    const shared = {
      securityContext: { supplementalGroups: [3], fsGroup: 4, seccompProfile: { type: 'RuntimeDefault' } },
    } as const;
    expect(specOf({ securityContext }, shared)).toMatchObject({
      ...{ user: '7:8', groups: ['3', '4'], readOnlyRootFilesystem: true, capAdd: ['NET_ADMIN'], capDrop: ['ALL'] },
      securityOptions: ['no-new-privileges'],
    });
  });

  it('refuses to run as root what must not', () => {
    const nonRoot = { securityContext: { runAsNonRoot: true } };
    expect(() => specOf(nonRoot)).toThrow(
      'container has runAsNonRoot and image will run as root (pod: "web_shop(a-b)", container: app)',
    );
    expect(() => specOf(nonRoot, {}, { user: 'www' })).toThrow('image has non-numeric user (www), cannot verify');
    expect(specOf(nonRoot, {}, { user: '1000' }).user).toBeUndefined();
  });

  it('gives the sandbox the name of the pod', () => {
    const at = { own: {}, attempt: 0, pauseImage: 'pause', machine, clusterDomain: 'my.home' };
    expect(sandboxSpec(podOf({}), at)).toMatchObject({ hostname: 'web', network: 'disabled', ipc: 'shareable' });
    expect(sandboxSpec(podOf({}, { hostNetwork: true }), at)).toMatchObject({ network: 'host', hostUts: true });
    const qualified = { hostname: 'h1', subdomain: 'sub', setHostnameAsFQDN: true };
    expect(sandboxSpec(podOf({}, qualified), at).hostname).toBe('h1.sub.shop.svc.my.home');
    expect(sandboxSpec(podOf({}, { hostnameOverride: 'else.where' }), at).hostname).toBe('else.where');
  });

  it('unmasks /proc and shares what processes are asked for', () => {
    const securityContext = { procMount: 'Unmasked' } as const;
    expect(specOf({ securityContext })).toMatchObject({ maskedPaths: [], readonlyPaths: [] });
    expect(specOf({}, { shareProcessNamespace: true }).pid).toEqual({ container: 's' });
    expect(specOf({}, { hostPID: true, hostIPC: true })).toMatchObject({ pid: 'host', ipc: 'host' });
  });
});
