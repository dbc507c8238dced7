import { defineKind } from '../../registry.ts';
import type * as apps_v1 from '../generated/apps-v1.gen.ts';

export type DaemonSet = apps_v1.DaemonSet;

export const DaemonSet = defineKind<DaemonSet>('apps/v1', 'DaemonSet', {
  shortNames: ['ds'],
  categories: ['all'],
});
