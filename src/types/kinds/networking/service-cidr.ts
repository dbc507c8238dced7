import { defineKind } from '../../registry.ts';
import type * as networking_v1 from '../generated/networking-v1.gen.ts';

export type ServiceCIDR = networking_v1.ServiceCIDR;

export const ServiceCIDR = defineKind<ServiceCIDR>('networking.k8s.io/v1', 'ServiceCIDR');
