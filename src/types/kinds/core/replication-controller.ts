import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type ReplicationController = core_v1.ReplicationController;

export const ReplicationController = defineKind<ReplicationController>('v1', 'ReplicationController', {
  shortNames: ['rc'],
  categories: ['all'],
});
