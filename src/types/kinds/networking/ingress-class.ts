import { defineKind } from '../../registry.ts';
import type * as networking_v1 from '../generated/networking-v1.gen.ts';

export type IngressClass = networking_v1.IngressClass;

export const IngressClass = defineKind<IngressClass>('networking.k8s.io/v1', 'IngressClass');
