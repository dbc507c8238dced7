import { deepEqual } from '../../../shared/deep.ts';
import { qualifiedNameErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn } from '../../table.ts';
import { checkDriverName } from '../../validation/csi.ts';
import { checkNonNegative, checkPresent } from '../../validation/field-checks.ts';
import type { IssueSink } from '../../field-issue.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type CSINode = storage_v1.CSINode;

const MOST_NODE_ID_BYTES = 192;

function checkDriver(driver: storage_v1.CSINodeDriver, at: IssueSink): void {
  checkDriverName(driver.name ?? '', at.at('name'));
  const id = driver.nodeID ?? '';
  if (checkPresent(id, at.at('nodeID')) && Buffer.byteLength(id) > MOST_NODE_ID_BYTES) {
    at.at('nodeID').invalid(id, `must be ${MOST_NODE_ID_BYTES} characters or less`);
  }
  checkNonNegative(driver.allocatable?.count, at.at('allocatable', 'count'));
  // The server's own places: the driver, not the key.
  const keys = driver.topologyKeys ?? [];
  keys.forEach((key, index) => {
    if (key === '') at.required();
    if (keys.indexOf(key) < index) at.at('topologyKeys').duplicate(key);
    for (const error of qualifiedNameErrors(key)) at.invalid(keys, error);
  });
}

export const CSINode = defineKind<CSINode>('storage.k8s.io/v1', 'CSINode', {
  returnsDeleted: true,
  columns: columnsOf<CSINode>([integerColumn('Drivers', ({ spec }) => (spec?.drivers ?? []).length)]),
  validated: true,
  unrealized: ['spec'],
  example: {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name: 'node-1' },
    spec: { drivers: [{ name: 'disks.example.com', nodeID: 'node-1', topologyKeys: ['example.com/zone'] }] },
  },
  validate({ spec }, issues) {
    const names = new Set<string>();
    spec?.drivers?.forEach((driver, index) => {
      const at = issues.at('spec', 'drivers', index);
      checkDriver(driver, at);
      if (names.has(driver.name)) at.at('name').duplicate(driver.name);
      names.add(driver.name);
    });
  },
  validateUpdate(next, previous, issues) {
    for (const driver of next.spec?.drivers ?? []) {
      const old = previous.spec?.drivers?.find(({ name }) => name === driver.name);
      if (!old) continue;
      const { allocatable: _now, ...own } = driver;
      const { allocatable: _before, ...before } = old;
      if (!deepEqual(own, before)) issues.at('CSINodeDriver').invalid(driver, 'field is immutable');
    }
  },
});
