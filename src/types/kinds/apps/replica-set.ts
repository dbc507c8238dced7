import { defineKind } from '../../registry.ts';
import type * as apps_v1 from '../generated/apps-v1.gen.ts';

export type ReplicaSet = apps_v1.ReplicaSet;

export const ReplicaSet = defineKind<ReplicaSet>('apps/v1', 'ReplicaSet', {
  shortNames: ['rs'],
  categories: ['all'],
});
