import { deepEqual } from '../../../shared/deep.ts';
import { configMapKeyErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn } from '../../table.ts';
import { invalidEach } from '../../validation/metadata.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type ConfigMap = core_v1.ConfigMap;

const MOST_BYTES = 1024 * 1024;
const immutableText = 'field is immutable when `immutable` is set';

export const ConfigMap = defineKind<ConfigMap>('v1', 'ConfigMap', {
  shortNames: ['cm'],
  columns: columnsOf<ConfigMap>([
    integerColumn(
      'Data',
      ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    ),
  ]),
  validated: true,
  example: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { 'log.level': 'info' } },
  validate({ data = {}, binaryData = {} }, issues) {
    let size = 0;
    for (const [key, value] of Object.entries(data)) {
      invalidEach(issues.at('data', { key }), key, configMapKeyErrors(key));
      if (Object.hasOwn(binaryData, key))
        issues.at('data', { key }).invalid(key, 'duplicate of key present in binaryData');
      size += Buffer.byteLength(value);
    }
    for (const [key, value] of Object.entries(binaryData)) {
      invalidEach(issues.at('binaryData', { key }), key, configMapKeyErrors(key));
      size += Buffer.byteLength(value, 'base64');
    }
    // Upstream has a path of one empty name here.
    if (size > MOST_BYTES) issues.at({ key: '' }).tooLong('', MOST_BYTES);
  },
  validateUpdate(next, previous, issues) {
    if (previous.immutable !== true) return;
    if (next.immutable !== true) issues.at('immutable').forbidden(immutableText);
    if (!deepEqual(next.data, previous.data)) issues.at('data').forbidden(immutableText);
    if (!deepEqual(next.binaryData, previous.binaryData)) issues.at('binaryData').forbidden(immutableText);
  },
});
