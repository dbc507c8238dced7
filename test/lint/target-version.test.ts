/** What an older target version does not have yet, and what it still has. */
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/lint/config.ts';
import { podExample } from '../../src/lint/rules/example.ts';
import { Workspace } from '../../src/lint/workspace.ts';
import { fieldSince, kindSince } from '../../src/types/since.ts';
import { pathText } from '../../src/types/field-issue.ts';

function found(kubernetesVersion: string, text: string): readonly string[] {
  const workspace = new Workspace({ config: { extends: 'none', kubernetesVersion } });
  workspace.setFile('a.yaml', text);
  return workspace
    .diagnostics('a.yaml')
    .map(({ severity, rule, fieldPath, message }) => `${severity} ${rule} ${pathText(fieldPath)}: ${message}`);
}

const range =
  'apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: more}\nspec: {cidrs: [10.9.0.0/24]}\n';
const flow =
  'apiVersion: flowcontrol.apiserver.k8s.io/v1beta3\nkind: FlowSchema\nmetadata: {name: a}\nspec: {priorityLevelConfiguration: {name: a}}\n';

describe('the target version', () => {
  it('tells of kinds that it does not have yet', () => {
    expect(found('1.32', range)).toEqual([
      'error not-in-version apiVersion: networking.k8s.io/v1 ServiceCIDR came with Kubernetes 1.33; the target 1.32 does not have it',
    ]);
    expect(found('1.33', range)).toEqual([]);
  });

  it('tells of fields that it does not have yet, wherever they stand', () => {
    const pod = podExample({
      container:
        'restartPolicy: Always\nenv:\n  - name: A\n    valueFrom: {fileKeyRef: {volumeName: a, path: a, key: A}}',
      spec: 'hostnameOverride: web\nvolumes:\n  - name: a\n    image: {reference: registry.example.com/a:1}',
    });
    const young = (version: string): readonly string[] =>
      found(version, pod).flatMap((text) => /^error not-in-version (\S+):/.exec(text)?.[1] ?? []);
    expect(young('1.30')).toEqual([
      'spec.hostnameOverride',
      'spec.volumes[0].image',
      'spec.containers[0].env[0].valueFrom.fileKeyRef',
    ]);
    expect(young('1.33')).toEqual(['spec.hostnameOverride', 'spec.containers[0].env[0].valueFrom.fileKeyRef']);
    expect(young('1.34')).toEqual([]);
    expect(young('1.36')).toEqual([]);
  });

  it('has deprecated what later versions removed', () => {
    expect(found('1.31', flow)).toEqual([
      'warning deprecated-api apiVersion: flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema is deprecated: Kubernetes 1.32 removes it; use flowcontrol.apiserver.k8s.io/v1',
    ]);
    expect(found('v1.32.4', flow)).toEqual([
      'error removed-api apiVersion: flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema was removed in Kubernetes 1.32; use flowcontrol.apiserver.k8s.io/v1',
    ]);
  });

  it('does not deprecate before the time', () => {
    const endpoints = 'apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\n';
    expect(found('1.32', endpoints)).toEqual([]);
    expect(found('1.33', endpoints)).toHaveLength(1);
  });

  it.each([
    ['extensions/v1beta1', 'Deployment', '1.16; use apps/v1'],
    ['extensions/v1beta1', 'Ingress', '1.22; use networking.k8s.io/v1'],
    ['apps/v1beta2', 'StatefulSet', '1.16; use apps/v1'],
    ['scheduling.k8s.io/v1alpha1', 'PriorityClass', '1.17; use scheduling.k8s.io/v1'],
    ['apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition', '1.22; use apiextensions.k8s.io/v1'],
    [
      'admissionregistration.k8s.io/v1beta1',
      'ValidatingWebhookConfiguration',
      '1.22; use admissionregistration.k8s.io/v1',
    ],
    ['rbac.authorization.k8s.io/v1beta1', 'RoleBinding', '1.22; use rbac.authorization.k8s.io/v1'],
    ['policy/v1beta1', 'PodDisruptionBudget', '1.25; use policy/v1'],
    ['policy/v1beta1', 'PodSecurityPolicy', '1.25; nothing took its place'],
    ['batch/v1beta1', 'CronJob', '1.25; use batch/v1'],
    ['discovery.k8s.io/v1beta1', 'EndpointSlice', '1.25; use discovery.k8s.io/v1'],
    ['autoscaling/v2beta2', 'HorizontalPodAutoscaler', '1.26; use autoscaling/v2'],
    ['storage.k8s.io/v1beta1', 'CSIStorageCapacity', '1.27; use storage.k8s.io/v1'],
    ['flowcontrol.apiserver.k8s.io/v1beta2', 'FlowSchema', '1.29; use flowcontrol.apiserver.k8s.io/v1'],
    ['admissionregistration.k8s.io/v1beta1', 'ValidatingAdmissionPolicy', '1.34; use admissionregistration.k8s.io/v1'],
    ['resource.k8s.io/v1alpha2', 'ResourceClaim', '1.31; use resource.k8s.io/v1'],
    ['resource.k8s.io/v1alpha2', 'ResourceClass', '1.31; nothing took its place'],
  ])('no longer has %s %s', (apiVersion, kind, rest) => {
    const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\n`;
    expect(found('1.36', text)).toEqual([
      `error removed-api apiVersion: ${apiVersion} ${kind} was removed in Kubernetes ${rest}`,
    ]);
  });

  it('is one that is known', () => {
    expect(() => new Workspace({ config: { kubernetesVersion: '1.12' } })).toThrow(ConfigError);
    expect(() => new Workspace({ config: { kubernetesVersion: 'new' } })).toThrow(
      'Kubernetes new is not known; there are 1.30, 1.31, 1.32, 1.33, 1.34, 1.35, 1.36',
    );
  });
});

describe('since when', () => {
  it('is known of kinds and fields', () => {
    expect(kindSince('resource.k8s.io/v1.ResourceClaim')?.text).toBe('1.34');
    expect(kindSince('apps/v1.Deployment')).toBeUndefined();
    expect(fieldSince('v1.PodSpec', 'hostnameOverride')?.text).toBe('1.34');
    expect(fieldSince('v1.PodSpec', 'containers')).toBeUndefined();
  });
});
