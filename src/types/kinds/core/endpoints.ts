import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Endpoints = core_v1.Endpoints;

export const Endpoints = defineKind<Endpoints>('v1', 'Endpoints', {
  shortNames: ['ep'],
});
