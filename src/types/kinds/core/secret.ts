import { deepEqual } from '../../../shared/deep.ts';
import type { IssueSink } from '../../field-issue.ts';
import { configMapKeyErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn, textColumn } from '../../table.ts';
import { invalidEach } from '../../validation/metadata.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Secret = core_v1.Secret;

const MOST_BYTES = 1024 * 1024;
const immutableText = 'field is immutable when `immutable` is set';
const redacted = '<secret contents redacted>';

/** Go's words for the first thing that is no JSON, as far as they are short. */
function jsonError(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    const trimmed = text.trim();
    const next = trimmed.startsWith('{') ? trimmed.slice(1).trim() : trimmed;
    const place = trimmed.startsWith('{') ? 'object key string' : 'value';
    return next === ''
      ? 'unexpected end of JSON input'
      : `invalid character '${next.charAt(0)}' looking for beginning of ${place}`;
  }
}

function checkJson(data: { readonly [key: string]: string }, key: string, issues: IssueSink): void {
  const value = data[key];
  const at = issues.at('data', { key });
  if (value === undefined) at.required();
  else {
    const wrong = jsonError(Buffer.from(value, 'base64').toString('utf8'));
    if (wrong !== undefined) at.invalid(redacted, wrong);
  }
}

/** Upstream's path of two types has a verb that was never filled in. */
function checkType(secret: Secret, issues: IssueSink): void {
  const data = secret.data ?? {};
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      if ((secret.metadata.annotations?.['kubernetes.io/service-account.name'] ?? '') === '') {
        issues.at('metadata', 'annotations', { key: 'kubernetes.io/service-account.name' }).required();
      }
      return;
    case 'kubernetes.io/dockercfg':
      checkJson(data, '.dockercfg', issues);
      return;
    case 'kubernetes.io/dockerconfigjson':
      checkJson(data, '.dockerconfigjson', issues);
      return;
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) {
        issues.at('data', { key: '%s' }, { key: 'username' }).required();
        issues.at('data', { key: '%s' }, { key: 'password' }).required();
      }
      return;
    case 'kubernetes.io/ssh-auth':
      if ((data['ssh-privatekey'] ?? '') === '') issues.at('data', { key: '%s' }, { key: 'ssh-privatekey' }).required();
      return;
    case 'kubernetes.io/tls':
      for (const key of ['tls.crt', 'tls.key']) if (data[key] === undefined) issues.at('data', { key }).required();
      return;
    default:
  }
}

export const Secret = defineKind<Secret>('v1', 'Secret', {
  columns: columnsOf<Secret>([
    textColumn('Type', ({ type }) => type ?? ''),
    integerColumn('Data', ({ data }) => Object.keys(data ?? {}).length),
  ]),
  selectableFields: [{ path: 'type', value: ({ type }) => type ?? '' }],
  validated: true,
  example: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'database' }, stringData: { password: 'change-me' } },
  applyDefaults(draft) {
    draft.type ??= 'Opaque';
    if (!draft.stringData) return;
    // Write-only: the server keeps it as data.
    const encoded = Object.entries(draft.stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
    draft.data = { ...draft.data, ...Object.fromEntries(encoded) };
    delete draft.stringData;
  },
  validate(secret, issues) {
    let size = 0;
    for (const [key, value] of Object.entries(secret.data ?? {})) {
      invalidEach(issues.at('data', { key }), key, configMapKeyErrors(key));
      size += Buffer.byteLength(value, 'base64');
    }
    if (size > MOST_BYTES) issues.at('data').tooLong('', MOST_BYTES);
    checkType(secret, issues);
  },
  validateUpdate(next, previous, issues) {
    if (next.type !== previous.type) issues.at('type').invalid(next.type, 'field is immutable');
    if (previous.immutable !== true) return;
    if (next.immutable !== true) issues.at('immutable').forbidden(immutableText);
    if (!deepEqual(next.data, previous.data)) issues.at('data').forbidden(immutableText);
  },
});
