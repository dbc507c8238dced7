import { defineKind } from '../../registry.ts';
import type * as networking_v1 from '../generated/networking-v1.gen.ts';

export type NetworkPolicy = networking_v1.NetworkPolicy;

export const NetworkPolicy = defineKind<NetworkPolicy>('networking.k8s.io/v1', 'NetworkPolicy', {
  shortNames: ['netpol'],
});
