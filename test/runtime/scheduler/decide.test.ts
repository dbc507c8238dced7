import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/runtime/scheduler/decide.ts';
import { nodeInfo } from '../../../src/runtime/scheduler/node-info.ts';
import type { ClusterView } from '../../../src/runtime/scheduler/plugin.ts';
import { schedulerPlugins } from '../../../src/runtime/scheduler/plugins/index.ts';
import { emptyStorage } from '../../../src/runtime/scheduler/storage-view.ts';
import type { Node } from '../../../src/types/kinds/core/node.ts';
import type { Pod } from '../../../src/types/kinds/core/pod.ts';

type PodSpec = NonNullable<Pod['spec']>;

function node(name: string, spec: Node['spec'] = {}, labels: Readonly<Record<string, string>> = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec,
    status: { allocatable: { cpu: '2', memory: '4Gi', pods: '10' } },
  };
}

function pod(
  name: string,
  spec: Partial<PodSpec> = {},
  { cpu, labels = {} }: { readonly cpu?: string; readonly labels?: Readonly<Record<string, string>> } = {},
): Pod {
  const resources = cpu === undefined ? {} : { resources: { requests: { cpu } } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels },
    spec: { containers: [{ name: 'c', image: 'x', ...resources }], ...spec },
  };
}

function view(nodes: readonly (readonly [Node, readonly Pod[]])[]): ClusterView {
  return { nodes: nodes.map(([of, pods]) => nodeInfo(of, pods)), namespaceLabels: () => ({}), storage: emptyStorage };
}

function decision(wanted: Pod, nodes: readonly (readonly [Node, readonly Pod[]])[]): string {
  const made = decide(wanted, view(nodes), schedulerPlugins);
  return 'node' in made ? made.node : made.message;
}

/** What follows `0/1 nodes are available: 1 `. */
function reason(wanted: Pod, of: Node, there: readonly Pod[] = []): string {
  const text = decision(wanted, [[of, there]]);
  return /^0\/1 nodes are available: 1 (.*?)\.$/.exec(text)?.[1] ?? text;
}

describe('where a pod goes', () => {
  it('is the emptier of two nodes', () => {
    const busy = [pod('there', {}, { cpu: '1500m' })];
    expect(
      decision(pod('p', {}, { cpu: '100m' }), [
        [node('a'), busy],
        [node('b'), []],
      ]),
    ).toBe('b');
    expect(
      decision(pod('p', {}, { cpu: '600m' }), [
        [node('b'), []],
        [node('a'), busy],
      ]),
    ).toBe('b');
  });

  it('is nowhere without nodes', () => {
    expect(decision(pod('p'), [])).toBe('no nodes available to schedule pods');
  });

  it('is told in the words of Kubernetes, counted over nodes', () => {
    const large = pod('p', {}, { cpu: '3' });
    expect(
      decision(large, [
        [node('a'), []],
        [node('b'), []],
        [node('c', { unschedulable: true }), []],
      ]),
    ).toBe('0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.');
    expect(decision(pod('p', {}, { cpu: '1' }), [[node('a'), [pod('there', {}, { cpu: '1500m' })]]])).toBe(
      '0/1 nodes are available: 1 Insufficient cpu.',
    );
  });
});

describe('a node is rejected', () => {
  const tainted = node('a', { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] });

  it('for taints that are not tolerated', () => {
    expect(reason(pod('p'), tainted)).toBe('node(s) had untolerated taint {gpu: yes}');
    expect(decision(pod('p', { tolerations: [{ key: 'gpu', operator: 'Exists' }] }), [[tainted, []]])).toBe('a');
    expect(decision(pod('p', { tolerations: [{ key: 'gpu', value: 'yes' }] }), [[tainted, []]])).toBe('a');
    expect(reason(pod('p', { tolerations: [{ key: 'gpu', value: 'no' }] }), tainted)).toMatch(/untolerated taint/);
  });

  it('for its labels', () => {
    const wanted = "node(s) didn't match Pod's node affinity/selector";
    expect(reason(pod('p', { nodeSelector: { disk: 'ssd' } }), node('a'))).toBe(wanted);
    expect(decision(pod('p', { nodeSelector: { disk: 'ssd' } }), [[node('a', {}, { disk: 'ssd' }), []]])).toBe('a');
    const affinity = (operator: 'Gt' | 'Lt', values: readonly string[]): Partial<PodSpec> => ({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'size', operator, values }] }],
          },
        },
      },
    });
    expect(reason(pod('p', affinity('Gt', ['3'])), node('a', {}, { size: '2' }))).toBe(wanted);
    expect(decision(pod('p', affinity('Gt', ['3'])), [[node('a', {}, { size: '4' }), []]])).toBe('a');
  });

  it('for a host port that another pod has', () => {
    const spec = (hostIP?: string): Partial<PodSpec> => ({
      containers: [
        {
          name: 'c',
          image: 'x',
          ports: [{ containerPort: 80, hostPort: 8080, ...(hostIP === undefined ? {} : { hostIP }) }],
        },
      ],
    });
    const wanted = "node(s) didn't have free ports for the requested pod ports";
    expect(reason(pod('p', spec()), node('a'), [pod('q', spec('127.0.0.1'))])).toBe(wanted);
    expect(decision(pod('p', spec('127.0.0.2')), [[node('a'), [pod('q', spec('127.0.0.1'))]]])).toBe('a');
  });

  it('for the number of its pods', () => {
    const full = Array.from({ length: 10 }, (_, index) => pod(`p${index}`));
    expect(reason(pod('p'), node('a'), full)).toBe('Too many pods');
  });

  it('for pods that want to be alone, whichever came first', () => {
    const labels = { app: 'web' };
    const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } };
    const alone = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
    const near = { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
    expect(reason(pod('p', alone), node('a'), [pod('q', {}, { labels })])).toBe(
      "node(s) didn't match pod anti-affinity rules",
    );
    expect(reason(pod('p', {}, { labels }), node('a'), [pod('q', alone)])).toBe(
      "node(s) didn't satisfy existing pods anti-affinity rules",
    );
    expect(reason(pod('p', near), node('a'))).toBe("node(s) didn't match pod affinity rules");
    expect(decision(pod('p', near, { labels }), [[node('a'), []]])).toBe('a');
    expect(
      decision(pod('p', near), [
        [node('a'), []],
        [node('b'), [pod('q', {}, { labels })]],
      ]),
    ).toBe('b');
  });

  it('for a skew over a topology', () => {
    const labels = { app: 'web' };
    const constraint = {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule' as const,
      labelSelector: { matchLabels: labels },
    };
    const spread = pod('p', { topologySpreadConstraints: [constraint] }, { labels });
    const there = [pod('q', {}, { labels })];
    expect(
      decision(spread, [
        [node('a'), there],
        [node('b'), []],
      ]),
    ).toBe('b');
    expect(
      decision(spread, [
        [node('a'), there],
        [node('b', { unschedulable: true }), []],
      ]),
    ).toMatch(/1 node\(s\) didn't match pod topology spread constraints, 1 node\(s\) were unschedulable/);
  });
});
