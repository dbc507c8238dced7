import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Secret = core_v1.Secret;

export const Secret = defineKind<Secret>('v1', 'Secret');
