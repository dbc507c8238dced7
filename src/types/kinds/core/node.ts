import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Node = core_v1.Node;

export const Node = defineKind<Node>('v1', 'Node', {
  shortNames: ['no'],
});
