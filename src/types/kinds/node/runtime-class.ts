import { defineKind } from '../../registry.ts';
import type * as node_v1 from '../generated/node-v1.gen.ts';

export type RuntimeClass = node_v1.RuntimeClass;

export const RuntimeClass = defineKind<RuntimeClass>('node.k8s.io/v1', 'RuntimeClass');
