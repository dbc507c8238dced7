import { defineKind } from '../../registry.ts';
import { columnsOf } from '../../table.ts';
import { checkConfigs, checkSelectors } from '../../validation/device-claims.ts';
import type * as resource_v1 from '../generated/resource-v1.gen.ts';

export type DeviceClass = resource_v1.DeviceClass;

export const DeviceClass = defineKind<DeviceClass>('resource.k8s.io/v1', 'DeviceClass', {
  returnsDeleted: true,
  hasGeneration: true,
  columns: columnsOf<DeviceClass>([]),
  validated: true,
  unrealized: ['spec'],
  example: {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'DeviceClass',
    metadata: { name: 'gpu.example.com' },
    spec: { selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }] },
  },
  validate({ spec }, issues) {
    checkSelectors(spec?.selectors, issues.at('spec', 'selectors'));
    checkConfigs(spec?.config, issues.at('spec', 'config'));
  },
});
