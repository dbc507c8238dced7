import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Namespace = core_v1.Namespace;

export const Namespace = defineKind<Namespace>('v1', 'Namespace', {
  shortNames: ['ns'],
});
