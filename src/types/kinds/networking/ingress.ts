import { defineKind } from '../../registry.ts';
import type * as networking_v1 from '../generated/networking-v1.gen.ts';

export type Ingress = networking_v1.Ingress;

export const Ingress = defineKind<Ingress>('networking.k8s.io/v1', 'Ingress', {
  shortNames: ['ing'],
});
