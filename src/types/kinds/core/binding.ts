import { defineKind } from '../../registry.ts';
import { checkPresent, isBlank } from '../../validation/field-checks.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Binding = core_v1.Binding;

export const Binding = defineKind<Binding>('v1', 'Binding', {
  validated: true,
  example: {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'web' },
    target: { kind: 'Node', name: 'node-1' },
  },
  validate({ target }, issues) {
    const at = issues.at('target');
    if (!isBlank(target?.kind) && target.kind !== 'Node') at.at('kind').notSupported(target.kind, ['Node', '<empty>']);
    checkPresent(target?.name, at.at('name'));
  },
});
