import { defineKind } from '../../registry.ts';
import type * as resource_v1 from '../generated/resource-v1.gen.ts';

export type DeviceClass = resource_v1.DeviceClass;

export const DeviceClass = defineKind<DeviceClass>('resource.k8s.io/v1', 'DeviceClass');
