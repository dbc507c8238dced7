import { deepEqual } from '../../../shared/deep.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { checkClaim } from '../../validation/device-claims.ts';
import type { Reference } from '../../define-kind.ts';
import type { FieldPath } from '../../field-issue.ts';
import type { Draft } from '../../meta.ts';
import type * as resource_v1 from '../generated/resource-v1.gen.ts';

export type ResourceClaim = resource_v1.ResourceClaim;
type Spec = resource_v1.ResourceClaimSpec;

function stateText({ metadata, status }: ResourceClaim): string {
  const states = [
    ...(metadata.deletionTimestamp === undefined ? [] : ['deleted']),
    ...(status?.allocation ? ['allocated'] : []),
    ...((status?.reservedFor ?? []).length > 0 ? ['reserved'] : []),
  ];
  return states.length === 0 ? 'pending' : states.join(',');
}

/** One device of each request, where nothing else is asked for. */
export function defaultClaim(spec: Draft<Spec> | undefined): void {
  for (const request of spec?.devices?.requests ?? []) {
    for (const wanted of [...(request.exactly ? [request.exactly] : []), ...(request.firstAvailable ?? [])]) {
      wanted.allocationMode ??= 'ExactCount';
      if (wanted.allocationMode === 'ExactCount') wanted.count ??= 1;
      for (const toleration of wanted.tolerations ?? []) toleration.operator ??= 'Equal';
    }
  }
}

export function* claimReferences(spec: Spec | undefined, at: FieldPath): Iterable<Reference> {
  for (const [index, request] of (spec?.devices?.requests ?? []).entries()) {
    const name = request.exactly?.deviceClassName;
    if (!name) continue;
    const path = [...at, 'devices', 'requests', index, 'exactly', 'deviceClassName'];
    yield { path, apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', namespace: undefined, name };
  }
}

export const ResourceClaim = defineKind<ResourceClaim>('resource.k8s.io/v1', 'ResourceClaim', {
  returnsDeleted: true,
  hasGeneration: false,
  columns: columnsOf<ResourceClaim>([textColumn('State', stateText)]),
  validated: true,
  unrealized: ['spec'],
  example: {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: { name: 'gpu' },
    spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } }] } },
  },
  applyDefaults({ spec }) {
    defaultClaim(spec);
  },
  validate({ spec }, issues) {
    checkClaim(spec, issues.at('spec'));
  },
  validateUpdate(next, previous, issues) {
    if (!deepEqual(next.spec, previous.spec)) issues.at('spec').invalid(next.spec, 'field is immutable');
  },
  references: ({ spec }) => claimReferences(spec, ['spec']),
});
