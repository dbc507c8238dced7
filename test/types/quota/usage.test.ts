/** What objects use of quotas. */
import { describe, expect, it } from 'vitest';
import { Deployment } from '../../../src/types/kinds/apps/deployment.ts';
import { ConfigMap } from '../../../src/types/kinds/core/config-map.ts';
import { PersistentVolumeClaim } from '../../../src/types/kinds/core/persistent-volume-claim.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { Service } from '../../../src/types/kinds/core/service.ts';
import type {
  PersistentVolumeClaimSpec,
  PodSpec,
  ResourceQuotaSpec,
  ServiceSpec,
} from '../../../src/types/kinds/generated/core-v1.gen.ts';
import {
  exceeded,
  increase,
  isInScopes,
  limitedResources,
  usageOf,
  usageText,
} from '../../../src/types/quota/usage.ts';

const now = new Date('2026-01-01T00:00:00Z');

function pod(spec: Partial<PodSpec> = {}, rest: Partial<Pod> = {}): Pod {
  const containers = [{ name: 'main', image: 'work:1' }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'work' }, spec: { containers, ...spec }, ...rest };
}

function asking(name: string, cpu: string, memory = '64Mi') {
  return { name, image: 'work:1', resources: { requests: { cpu, memory }, limits: { cpu: '1', memory: '128Mi' } } };
}

describe('a pod', () => {
  it('uses what its containers ask for, with sidecars, the largest start and overhead', () => {
    const spec = {
      containers: [asking('a', '100m'), asking('b', '250m')],
      initContainers: [{ ...asking('side', '50m'), restartPolicy: 'Always' as const }, asking('init', '2', '1Gi')],
      overhead: { cpu: '10m' },
    };
    expect(usageText(usageOf(Pod, pod(spec), now))).toBe(
      'count/pods=1,cpu=2060m,limits.cpu=3010m,limits.memory=384Mi,memory=1088Mi,pods=1,requests.cpu=2060m,requests.memory=1088Mi',
    );
  });

  it('uses extended resources and huge pages by their names', () => {
    const resources = { requests: { 'example.com/gpu': '2', 'hugepages-2Mi': '4Mi' } };
    expect(usageOf(Pod, pod({ containers: [{ name: 'main', image: 'work:1', resources }] }), now)).toMatchObject({
      'requests.example.com/gpu': '2',
      'requests.hugepages-2Mi': '4Mi',
      'hugepages-2Mi': '4Mi',
    });
  });

  it('that has ended, or should have, only has its place', () => {
    const place = 'count/pods=1,pods=0';
    expect(usageText(usageOf(Pod, pod({}, { status: { phase: 'Failed' } }), now))).toBe(place);
    const leaving = (deletionTimestamp: string): Pod =>
      pod({}, { metadata: { name: 'work', deletionTimestamp, deletionGracePeriodSeconds: 30 } });
    expect(usageText(usageOf(Pod, leaving('2025-12-31T23:59:00Z'), now))).toBe(place);
    expect(usageText(usageOf(Pod, leaving('2025-12-31T23:59:45Z'), now))).toBe('count/pods=1,pods=1');
    expect(Pod.quota?.changesAt?.(leaving('2025-12-31T23:59:45Z'), now)).toEqual(new Date('2026-01-01T00:00:15Z'));
  });

  it('has to say what is limited', () => {
    const both = pod({
      containers: [asking('a', '1'), { name: 'b', image: 'work:1' }, { name: 'c', image: 'work:1' }],
    });
    expect(Pod.quota?.missing?.(both, ['pods', 'requests.memory', 'cpu', 'limits.cpu', 'ephemeral-storage'])).toBe(
      'must specify cpu for: b,c; limits.cpu for: b,c; requests.memory for: b,c',
    );
    expect(Pod.quota?.missing?.(pod({ containers: [asking('a', '1')] }), ['cpu', 'limits.memory'])).toBeUndefined();
  });

  it.each<[string, ResourceQuotaSpec, Partial<PodSpec>, boolean]>([
    ['BestEffort', { scopes: ['BestEffort'] }, {}, true],
    ['not BestEffort', { scopes: ['BestEffort'] }, { containers: [asking('a', '1')] }, false],
    ['NotBestEffort', { scopes: ['NotBestEffort'] }, { containers: [asking('a', '1')] }, true],
    ['Terminating', { scopes: ['Terminating'] }, { activeDeadlineSeconds: 5 }, true],
    ['NotTerminating', { scopes: ['NotTerminating', 'BestEffort'] }, { activeDeadlineSeconds: 5 }, false],
    [
      'of a priority',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } },
      { priorityClassName: 'high' },
      true,
    ],
    [
      'of another priority',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }] } },
      { priorityClassName: 'high' },
      false,
    ],
    [
      'beside pods of other namespaces',
      { scopes: ['CrossNamespacePodAffinity'] },
      {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaces: ['other'] }],
          },
        },
      },
      true,
    ],
  ])('is %s', (_, spec, podSpec, expected) => {
    expect(isInScopes(spec, Pod, pod(podSpec))).toBe(expected);
  });
});

describe('other kinds', () => {
  const service = (spec: ServiceSpec): string =>
    usageText(usageOf(Service, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec }, now));
  const ports = [
    { name: 'a', port: 80 },
    { name: 'b', port: 81 },
  ];

  it('are counted, by group and plural, and by name in the core', () => {
    const configMap: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
    expect(usageOf(ConfigMap, configMap, now)).toEqual({ 'count/configmaps': '1', configmaps: '1' });
    expect(
      limitedResources({ hard: { 'count/deployments.apps': '1', deployments: '1', pods: '1' } }, Deployment),
    ).toEqual(['count/deployments.apps']);
    expect(isInScopes({ scopes: ['BestEffort'] }, ConfigMap, configMap)).toBe(false);
  });

  it('services use node ports and balancers', () => {
    expect(service({ ports })).toBe('count/services=1,services=1,services.loadbalancers=0,services.nodeports=0');
    expect(service({ type: 'NodePort', ports })).toContain('services.nodeports=2');
    expect(service({ type: 'LoadBalancer', ports })).toContain('services.loadbalancers=1,services.nodeports=2');
    expect(service({ type: 'LoadBalancer', ports, allocateLoadBalancerNodePorts: false })).toContain(
      'services.nodeports=0',
    );
  });

  it('claims use storage, in all and of their class', () => {
    const spec: PersistentVolumeClaimSpec = { storageClassName: 'fast', resources: { requests: { storage: '2Gi' } } };
    const claim: PersistentVolumeClaim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec,
    };
    expect(usageOf(PersistentVolumeClaim, claim, now)).toMatchObject({
      persistentvolumeclaims: '1',
      'requests.storage': '2Gi',
      'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
      'fast.storageclass.storage.k8s.io/requests.storage': '2Gi',
    });
    const hard = { 'fast.storageclass.storage.k8s.io/requests.storage': '5Gi', 'requests.cpu': '1' };
    expect(limitedResources({ hard }, PersistentVolumeClaim)).toEqual(Object.keys(hard).slice(0, 1));
    expect(limitedResources({ hard: { 'requests.storage': '1' } }, Pod)).toEqual([]);
  });
});

describe('amounts', () => {
  it('are exceeded where the sum is more than allowed', () => {
    const hard = { pods: '2', cpu: '1' };
    expect(exceeded(hard, { pods: '1', cpu: '900m' }, { pods: '1', cpu: '200m' })).toEqual(['cpu']);
    expect(exceeded(hard, {}, { pods: '2', memory: '1Ei' })).toEqual([]);
  });

  it('grow by what is more', () => {
    expect(increase({ a: '3', b: '1', c: '1Gi' }, { a: '1', b: '2' })).toEqual({ a: '2', c: '1Gi' });
  });
});
