/** What heals a complaint of Kubernetes itself, where its text says enough. */
import { nearest } from '../compiler/nearest.ts';
import type { Finding } from '../compiler/check.ts';
import type { FieldFix } from './rule.ts';
import type { KubeObject } from '../types/meta.ts';
import { valueAt } from './selectors.ts';

function typeFix({ fieldPath: path, message }: Finding, object: KubeObject): FieldFix | undefined {
  const [, wanted, found] = /^must be of type (\w+)[^:]*: "(\w+)"$/.exec(message) ?? [];
  if (wanted === 'string' && (found === 'number' || found === 'boolean')) {
    return { title: 'Put it into quotes', changes: [{ path, quote: true }] };
  }
  if (found !== 'string') return undefined;
  const text = String(valueAt(object, path));
  const fits =
    wanted === 'integer' ? /^(?:0|[1-9]\d*)$/.test(text) : wanted === 'boolean' && /^(?:true|false)$/.test(text);
  return fits ? { title: 'Take the quotes away', changes: [{ path, quote: false }] } : undefined;
}

function supportedFix({ fieldPath: path, message }: Finding): FieldFix | undefined {
  const [, value, list] = /^Unsupported value: "([^"]*)": supported values: (.*)$/s.exec(message) ?? [];
  if (value === undefined || list === undefined) return undefined;
  const similar = nearest(
    value,
    [...list.matchAll(/"([^"]*)"/g)].map(([, option]) => option ?? ''),
  );
  if (similar === undefined) return undefined;
  return { title: `Change to ${similar}`, changes: [{ path, set: similar }], suggestion: true };
}

export function fixOfChecked(finding: Finding, object: KubeObject): FieldFix | undefined {
  const { code, fieldPath: path, message } = finding;
  const meant = /did you mean (\S+)\?$/.exec(message)?.[1];
  switch (code) {
    case 'type':
      return typeFix(finding, object);
    case 'FieldValueNotSupported':
      return supportedFix(finding);
    case 'unknown-field':
      if (meant === undefined) return undefined;
      return { title: `Rename to ${meant}`, changes: [{ path, rename: meant }], suggestion: true };
    case 'unknown-kind':
      if (meant === undefined) return undefined;
      return { title: `Change to ${meant}`, changes: [{ path, set: meant }], suggestion: true };
    case 'removed-api':
    case 'unknown-version': {
      const version = /(?:; use |has it in )([\w./-]+)$/.exec(message)?.[1];
      if (version === undefined) return undefined;
      return { title: `Use ${version}`, changes: [{ path, set: version }], suggestion: true };
    }
    default:
      return undefined;
  }
}
