import { defineKind } from '../../registry.ts';
import type * as networking_v1 from '../generated/networking-v1.gen.ts';

export type IPAddress = networking_v1.IPAddress;

export const IPAddress = defineKind<IPAddress>('networking.k8s.io/v1', 'IPAddress', {
  shortNames: ['ip'],
});
