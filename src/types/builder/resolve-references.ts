/** Writes what Kubernetes reads in place of built objects that stand where a name, a reference or a selector belongs. */
import { isRecord } from '../../shared/deep.ts';
import { dataKeys, nameOf, requireDeclared, servedPorts } from './handles.ts';
import type { NamedObject } from './handles.ts';
import { referenceFields } from './reference-fields.ts';
import type { ReferenceField } from './reference-fields.ts';
import { declaredPorts, podLabelsOf } from './workload.ts';

type Fields = Readonly<Record<string, unknown>>;
interface Handle extends NamedObject {
  readonly apiVersion: string;
  readonly kind: string;
}

const rowsOfField = new Map<string, readonly ReferenceField[]>();
for (const row of referenceFields) rowsOfField.set(row.field, [...(rowsOfField.get(row.field) ?? []), row]);

function isHandle(value: unknown): value is Handle {
  return (
    isRecord(value) &&
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    isRecord(value['metadata'])
  );
}

function podLabels(workload: Handle): Readonly<Record<string, unknown>> {
  const labels = podLabelsOf(workload);
  if (!labels) throw new Error(`the ${workload.kind} given as selector has neither a selector nor labels of its pods`);
  return labels;
}

const forms: Readonly<Record<ReferenceField['form'], (object: Handle) => unknown>> = {
  name: nameOf,
  local: (object) => ({ name: nameOf(object) }),
  object: (object) => ({ apiVersion: object.apiVersion, kind: object.kind, name: nameOf(object) }),
  role: (object) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: object.kind, name: nameOf(object) }),
  subject: (object) => {
    const namespace: unknown = Reflect.get(object.metadata, 'namespace');
    return { kind: object.kind, name: nameOf(object), ...(typeof namespace === 'string' ? { namespace } : {}) };
  },
  labels: podLabels,
  selector: (object) => ({ matchLabels: podLabels(object) }),
  'namespace-selector': (object) => ({ matchLabels: { 'kubernetes.io/metadata.name': nameOf(object) } }),
};

/** Beside the name of an object: what else is said of it there. */
function checkBeside(row: ReferenceField, handle: Handle, holder: Fields): void {
  const { key, optional, port } = holder;
  if (/KeyRef$/.test(row.under?.[0] ?? '') && typeof key === 'string' && optional !== true)
    requireDeclared('key', key, dataKeys(handle));
  if (handle.kind === 'Service' && isRecord(port) && typeof port['name'] === 'string')
    requireDeclared(
      'port',
      port['name'],
      servedPorts(handle).map(({ name }) => name),
    );
}

class Resolver {
  readonly #seen = new Set<object>();

  constructor(readonly owner: string) {}

  /** The value itself where nothing in it is to be resolved. `field` is where it stands, `under` where its holder stands. */
  of(value: unknown, field: string, under: string, holder: Fields): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const rows = rowsOfField.get(field);
    if (rows && isHandle(value)) return this.#resolved(value, rows, field, under, holder);
    // What was seen before held nothing; in a cycle, the rest of the walk says so.
    if (this.#seen.has(value)) return value;
    this.#seen.add(value);
    if (Array.isArray(value)) return this.#items(value, field, under, holder);
    return isRecord(value) && isPlain(value) ? this.#fields(value, field) : value;
  }

  #resolved(handle: Handle, rows: readonly ReferenceField[], field: string, under: string, holder: Fields): unknown {
    const fitting = rows.filter(
      (row) => (row.under?.includes(under) ?? true) && (row.of?.includes(this.owner) ?? true),
    );
    if (fitting.length === 0) return handle;
    const row = fitting.find(({ kinds }) => kinds.includes(handle.kind));
    if (!row) {
      const kinds = [...new Set(fitting.flatMap((one) => one.kinds))].join(', ');
      throw new Error(
        `${under === '' ? '' : `${under}.`}${field} takes an object of the kind ${kinds}, not a ${handle.kind}`,
      );
    }
    checkBeside(row, handle, holder);
    return forms[row.form](handle);
  }

  #items(list: readonly unknown[], field: string, under: string, holder: Fields): readonly unknown[] {
    let changed = false;
    const items = list.map((item) => {
      const resolved = this.of(item, field, under, holder);
      changed ||= resolved !== item;
      return resolved;
    });
    return changed ? items : list;
  }

  #fields(value: Fields, under: string): Fields {
    let copy: Record<string, unknown> | undefined;
    for (const [field, child] of Object.entries(value)) {
      const resolved = this.of(child, field, under, value);
      if (resolved !== child) (copy ??= { ...value })[field] = resolved;
    }
    return copy ?? value;
  }
}

/** Dates, Maps and instances of classes are left for the collector of the exports to refuse. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** @throws Error when a built object is of a kind that does not belong where it stands */
export function resolveReferences(kind: string, input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const resolver = new Resolver(kind);
  checkTargetPorts(kind, input);
  return Object.fromEntries(
    Object.entries(input).map(([field, value]) => [field, resolver.of(value, field, '', input)]),
  );
}

/** The ports of a Service that selects a workload by its handle are ports of that workload. */
function checkTargetPorts(kind: string, { spec }: Fields): void {
  if (kind !== 'Service' || !isRecord(spec) || !isHandle(spec['selector']) || !Array.isArray(spec['ports'])) return;
  const declared = declaredPorts(spec['selector']);
  for (const port of spec['ports'])
    if (isRecord(port) && typeof port['targetPort'] === 'string') requireDeclared('port', port['targetPort'], declared);
}
