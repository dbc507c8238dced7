import { deepEqual } from '../../../shared/deep.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf } from '../../table.ts';
import { checkClaim } from '../../validation/device-claims.ts';
import { checkAnnotations, checkLabels } from '../../validation/metadata.ts';
import { claimReferences, defaultClaim } from './resource-claim.ts';
import type * as resource_v1 from '../generated/resource-v1.gen.ts';

export type ResourceClaimTemplate = resource_v1.ResourceClaimTemplate;

export const ResourceClaimTemplate = defineKind<ResourceClaimTemplate>('resource.k8s.io/v1', 'ResourceClaimTemplate', {
  returnsDeleted: true,
  columns: columnsOf<ResourceClaimTemplate>([]),
  validated: true,
  unrealized: ['spec'],
  example: {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaimTemplate',
    metadata: { name: 'gpu' },
    spec: { spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } }] } } },
  },
  applyDefaults({ spec }) {
    defaultClaim(spec?.spec);
  },
  validate({ spec }, issues) {
    checkLabels(spec?.metadata?.labels, issues.at('spec', 'metadata', 'labels'));
    checkAnnotations(spec?.metadata?.annotations, issues.at('spec', 'metadata', 'annotations'));
    checkClaim(spec?.spec, issues.at('spec', 'spec'));
  },
  validateUpdate(next, previous, issues) {
    if (!deepEqual(next.spec, previous.spec)) issues.at('spec').invalid(next.spec, 'field is immutable');
  },
  references: ({ spec }) => claimReferences(spec?.spec, ['spec', 'spec']),
});
