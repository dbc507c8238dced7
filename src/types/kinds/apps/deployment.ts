import { defineKind } from '../../registry.ts';
import type * as apps_v1 from '../generated/apps-v1.gen.ts';

export type Deployment = apps_v1.Deployment;

export const Deployment = defineKind<Deployment>('apps/v1', 'Deployment', {
  shortNames: ['deploy'],
  categories: ['all'],
});
