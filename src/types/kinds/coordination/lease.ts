import { defineKind } from '../../registry.ts';
import type * as coordination_v1 from '../generated/coordination-v1.gen.ts';

export type Lease = coordination_v1.Lease;

export const Lease = defineKind<Lease>('coordination.k8s.io/v1', 'Lease');
