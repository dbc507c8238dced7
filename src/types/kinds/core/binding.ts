import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Binding = core_v1.Binding;

export const Binding = defineKind<Binding>('v1', 'Binding');
