import { defineKind } from '../../registry.ts';
import type * as apps_v1 from '../generated/apps-v1.gen.ts';

export type StatefulSet = apps_v1.StatefulSet;

export const StatefulSet = defineKind<StatefulSet>('apps/v1', 'StatefulSet', {
  shortNames: ['sts'],
  categories: ['all'],
});
