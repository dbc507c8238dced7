/** Which pods a node takes. */
import { describe, expect, it } from 'vitest';
import { admitPod, type NodeState } from '../../../src/runtime/kubelet/pod-admission.ts';
import type { Container, PodSpec } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { container, podOf } from './pod-case.ts';

const allocatable = { cpu: '2', memory: '4Gi', pods: '2' };
const empty: NodeState = {
  node: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a', labels: { disk: 'ssd' } } },
  allocatable,
  pods: [],
};
const asking = (cpu: string): Container => container('app', { resources: { requests: { cpu } } });
const bound = (hostPort: number, hostIP?: string): Container =>
  container('app', { ports: [{ containerPort: 80, hostPort, ...(hostIP === undefined ? {} : { hostIP }) }] });
const having = (...pods: readonly Container[]): NodeState => ({
  ...empty,
  pods: pods.map((one) => podOf({ containers: [one] })),
});

describe('a node', () => {
  it.each<readonly [string, Partial<PodSpec>, NodeState, string | undefined]>([
    ['a pod', {}, empty, undefined],
    [
      'not one for another system',
      { os: { name: 'windows' } },
      empty,
      "PodOSNotSupported: Pod was rejected: Failed to admit pod as the OS field doesn't match node OS",
    ],
    ['as much as it has', { containers: [asking('1500m')] }, having(asking('500m')), undefined],
    [
      'not more than it has',
      { containers: [asking('1501m')] },
      having(asking('500m')),
      "OutOfcpu: Pod was rejected: Node didn't have enough resource: cpu, requested: 1501, used: 500, capacity: 2000",
    ],
    [
      'not more pods than it may',
      {},
      having(container('app'), container('app')),
      "OutOfpods: Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 2, capacity: 2",
    ],
    [
      'what it knows nothing about',
      { containers: [container('app', { resources: { limits: { 'example.com/gpu': '1' } } })] },
      empty,
      undefined,
    ],
    ['a pod that selects it', { nodeSelector: { disk: 'ssd' } }, empty, undefined],
    [
      'not one that selects another',
      { nodeSelector: { disk: 'hdd' } },
      empty,
      "NodeAffinity: Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ],
    ['other ports', { containers: [bound(8080)] }, having(bound(8081)), undefined],
    [
      'the port of another address',
      { containers: [bound(8080, '127.0.0.1')] },
      having(bound(8080, '127.0.0.2')),
      undefined,
    ],
    [
      'not a port that is taken',
      { containers: [bound(8080)] },
      having(bound(8080, '127.0.0.1')),
      "NodePorts: Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    ],
    [
      'settings of the kernel that are its own, by either name',
      {
        securityContext: {
          sysctls: ['kernel/shm_rmid_forced', 'net.ipv4.tcp_rmem'].map((name) => ({ name, value: '1' })),
        },
      },
      empty,
      undefined,
    ],
    [
      'not those that all share',
      { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
      empty,
      'SysctlForbidden: Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
    ],
    [
      "not those of the network that is the node's",
      { hostNetwork: true, securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] } },
      empty,
      'SysctlForbidden: Pod was rejected: forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
    ],
    [
      "not those of the ipc that is the node's",
      { hostIPC: true, securityContext: { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] } },
      empty,
      'SysctlForbidden: Pod was rejected: forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host ipc enabled',
    ],
  ])('takes %s', (_, spec, state, expected) => {
    const rejection = admitPod(podOf(spec), state);
    expect(rejection && `${rejection.reason}: ${rejection.message}`).toBe(expected);
  });
});
