import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { checkSlice } from '../../validation/resource-slices.ts';
import type * as resource_v1 from '../generated/resource-v1.gen.ts';

export type ResourceSlice = resource_v1.ResourceSlice;

/** What says for which pool, and thus for which node, a slice speaks. */
const immutable = ['driver', 'nodeName', 'allNodes'] as const;

export const ResourceSlice = defineKind<ResourceSlice>('resource.k8s.io/v1', 'ResourceSlice', {
  returnsDeleted: true,
  hasGeneration: true,
  columns: columnsOf<ResourceSlice>([
    textColumn('Node', ({ spec }) => spec?.nodeName ?? (spec?.allNodes === true ? '<all>' : '<unset>')),
    textColumn('Driver', ({ spec }) => spec?.driver ?? ''),
    textColumn('Pool', ({ spec }) => spec?.pool?.name ?? ''),
  ]),
  selectableFields: [
    { path: 'spec.nodeName', value: ({ spec }) => spec?.nodeName ?? '' },
    { path: 'spec.driver', value: ({ spec }) => spec?.driver ?? '' },
  ],
  validated: true,
  unrealized: ['spec'],
  example: {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: 'node-1-gpu' },
    spec: {
      driver: 'gpu.example.com',
      nodeName: 'node-1',
      pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'gpu-0', attributes: { model: { string: 'small' } }, capacity: { memory: { value: '8Gi' } } }],
    },
  },
  validate({ spec }, issues) {
    checkSlice(spec, issues.at('spec'));
  },
  validateUpdate(next, previous, issues) {
    for (const name of immutable) {
      if (next.spec?.[name] !== previous.spec?.[name])
        issues.at('spec', name).invalid(next.spec?.[name], 'field is immutable');
    }
    if (next.spec?.pool?.name !== previous.spec?.pool?.name) {
      issues.at('spec', 'pool', 'name').invalid(next.spec?.pool?.name, 'field is immutable');
    }
  },
});
