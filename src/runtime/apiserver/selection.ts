/** Which objects of a kind a list, watch or collection deletion is about. */
import type { KindDefinition } from '../../types/define-kind.ts';
import { matchesFields, parseFieldSelector } from '../../types/field-selector.ts';
import type { FieldQuery } from '../../types/field-selector.ts';
import { SelectorError, matchesLabels, parseLabelSelector } from '../../types/label-selector.ts';
import type { KubeObject } from '../../types/meta.ts';
import { badRequest } from './status-error.ts';

export interface Selection {
  /** True when nothing is left out. */
  readonly everything: boolean;
  /** Set when only one name can match. */
  readonly name: string | undefined;
  matches(object: KubeObject): boolean;
}

/** `name` narrows a watch on a single object. @throws ApiError BadRequest */
export function selectionOf(kind: KindDefinition, query: URLSearchParams, name = ''): Selection {
  const labels = understood(() => parseLabelSelector(query.get('labelSelector') ?? ''));
  const fields = understood(() => parseFieldSelector(query.get('fieldSelector') ?? ''));
  const readers = fieldReaders(kind, fields);
  const exact = exactName(fields);
  return {
    everything: labels.length === 0 && fields.length === 0 && name === '',
    name: name === '' ? exact : name,
    matches: (object) =>
      (name === '' || object.metadata.name === name) &&
      matchesLabels(labels, object.metadata.labels) &&
      matchesFields(fields, (field) => readers.get(field)?.(object) ?? ''),
  };
}

/**
 * The one name that a field selector asks for, or the empty string. A selector that cannot be read names nothing here:
 * who answers the request refuses it.
 */
export function selectedName(query: URLSearchParams): string {
  try {
    return exactName(parseFieldSelector(query.get('fieldSelector') ?? '')) ?? '';
  } catch (error) {
    if (error instanceof SelectorError) return '';
    throw error;
  }
}

function exactName(fields: FieldQuery): string | undefined {
  return fields.find((term) => term.field === 'metadata.name' && term.operator === '=')?.value;
}

function understood<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

type FieldReader = (object: KubeObject) => string;

function fieldReaders(kind: KindDefinition, fields: FieldQuery): ReadonlyMap<string, FieldReader> {
  const readers = new Map<string, FieldReader>([
    ['metadata.name', (object) => object.metadata.name ?? ''],
    ['metadata.namespace', (object) => object.metadata.namespace ?? ''],
  ]);
  for (const field of kind.selectableFields ?? []) readers.set(field.path, (object) => field.value(object));
  for (const { field } of fields) {
    if (readers.has(field)) continue;
    if ((kind.selectableFields ?? []).length > 0) throw badRequest(`field label not supported: ${field}`);
    throw badRequest(
      `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
    );
  }
  return readers;
}
