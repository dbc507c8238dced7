import { deepEqual } from '../../../shared/deep.ts';
import { dns1123LabelErrors } from '../../names.ts';
import { checkAmount, checkContainerResourceName } from '../../pod/resources.ts';
import { checkTolerations } from '../../pod/scheduling.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { checkLabels, invalidEach } from '../../validation/metadata.ts';
import type * as node_v1 from '../generated/node-v1.gen.ts';

export type RuntimeClass = node_v1.RuntimeClass;

export const RuntimeClass = defineKind<RuntimeClass>('node.k8s.io/v1', 'RuntimeClass', {
  columns: columnsOf<RuntimeClass>([textColumn('Handler', ({ handler }) => handler)]),
  validated: true,
  example: { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'sandboxed' }, handler: 'runsc' },
  validate({ handler, overhead, scheduling }, issues) {
    invalidEach(issues.at('handler'), handler ?? '', dns1123LabelErrors(handler ?? ''));
    for (const [name, amount] of Object.entries(overhead?.podFixed ?? {})) {
      // Upstream checks the overhead as the limits of a container.
      const at = issues.at('overhead', 'limits', { key: name });
      checkContainerResourceName(name, at);
      checkAmount(name, amount, at);
    }
    checkLabels(scheduling?.nodeSelector, issues.at('scheduling', 'nodeSelector'));
    const tolerations = scheduling?.tolerations ?? [];
    tolerations.forEach((toleration, index) => {
      const first = tolerations.findIndex((other) => deepEqual(other, toleration));
      if (first < index) issues.at('scheduling', 'tolerations', index).duplicate(toleration);
    });
    checkTolerations(tolerations, issues.at('scheduling', 'tolerations', 'tolerations'));
  },
  validateUpdate(next, previous, issues) {
    if (next.handler !== previous.handler) issues.at('handler').invalid(next.handler, 'field is immutable');
  },
});
