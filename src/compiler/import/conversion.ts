/** One object -> the call that builds it; notes on the way which objects it needs and which values repeat. */
import { isRecord } from '../../shared/deep.ts';
import { atom } from './code.ts';
import type { Code, Comments, Item, Member } from './code.ts';
import { kindBases } from '../../types/registry.ts';
import { typeBelow } from '../../types/type-below.ts';
import type { Handles } from './handles.ts';
import type { ImportedObject, Json, Path } from './imported-object.ts';
import { isSeveralLines, numberLiteral, templateLiteral, textLiteral } from './literals.ts';

/** Values that several objects have in common. */
export class SharedValues {
  readonly #uses = new Map<string, { count: number; readonly value: unknown; readonly code: Code }>();

  note(key: string, value: unknown, code: Code): Code {
    const use = this.#uses.get(key);
    if (use) use.count += 1;
    else this.#uses.set(key, { count: 1, value, code });
    return { form: 'shared', key, value: code };
  }

  /** Those with at least `count` uses, in the order in which they were met first. */
  repeated(
    prefix: string,
    count = 2,
  ): readonly { readonly key: string; readonly value: unknown; readonly code: Code }[] {
    return [...this.#uses].flatMap(([key, use]) =>
      key.startsWith(prefix) && use.count >= count ? [{ key, value: use.value, code: use.code }] : [],
    );
  }
}

export const labelsPrefix = 'labels ';
export const namespacePrefix = 'namespace ';
export const imagePrefix = 'image ';

export function scalarCode(value: unknown): Code {
  if (typeof value === 'string')
    return isSeveralLines(value) ? atom(templateLiteral(value), 'template') : atom(textLiteral(value), 'string');
  if (typeof value === 'number') return atom(numberLiteral(value), 'number');
  return atom(String(value));
}

const labelFields: ReadonlySet<string> = new Set(['labels', 'matchLabels', 'selector']);

/** Permissions of files, which people know in octal. */
const modeFields: ReadonlySet<string> = new Set(['defaultMode', 'mode']);

function isMode(field: string, value: unknown): value is number {
  return modeFields.has(field) && typeof value === 'number' && Number.isInteger(value) && value > 7 && value <= 0o777;
}

function isLabels(value: Json): boolean {
  const labels = Object.values(value);
  return labels.length > 0 && labels.every((label) => typeof label === 'string');
}

/** Where a value stands. */
interface Place {
  readonly path: Path;
  /** The field that holds it, or the list in which it is an item. */
  readonly field: string;
  /** The object that has the field, and the name of that object's type where the schema knows it. */
  readonly holder: Json;
  readonly holderType: string | undefined;
}

export class Conversion {
  constructor(
    readonly source: ImportedObject,
    readonly handles: Handles,
    readonly shared: SharedValues,
  ) {}

  call(): Code {
    const { builder, input, object } = this.source;
    const typeName = `${object.apiVersion}.${object.kind}`;
    const type = builder !== undefined && kindBases().has(typeName) ? typeName : undefined;
    return { form: 'call', callee: builder ?? 'raw', argument: this.#object(input, [], '', type) };
  }

  #value(value: unknown, place: Place): Code {
    if (Array.isArray(value)) return this.#array(value, place);
    const reference = this.#referred(value, place);
    if (reference) return reference;
    if (!isRecord(value)) return this.#scalar(value, place);
    const { path, field, holderType } = place;
    return this.#handled(value, place) ?? this.#object(value, path, field, typeBelow(holderType, field));
  }

  #referred(value: unknown, { path, field, holder, holderType }: Place): Code | undefined {
    // Only of the object itself: templates have no namespace.
    if (holderType === 'meta/v1.ObjectMeta' && path.length !== 2) return undefined;
    const target =
      field === 'selector' && path.length === 2
        ? (this.handles.selectedBy(this.source) ??
          this.handles.referenceAt(this.source, holderType, field, value, holder))
        : this.handles.referenceAt(this.source, holderType, field, value, holder);
    return target && atom(target.variable, 'name');
  }

  #scalar(value: unknown, { path, field, holderType }: Place): Code {
    if (isMode(field, value) && holderType !== undefined) return atom(`0o${value.toString(8)}`, 'number');
    const code = scalarCode(value);
    if (typeof value !== 'string') return code;
    if (field === 'targetPort') return this.#port(value) ?? code;
    if (field === 'image' && holderType === 'v1.Container' && value !== '')
      return this.shared.note(imagePrefix + value, value, code);
    const ofMetadata = path.length === 2 && path.at(-2) === 'metadata';
    if (field === 'namespace' && (ofMetadata || path.at(-3) === 'subjects'))
      return this.shared.note(namespacePrefix + value, value, code);
    return code;
  }

  #port(name: string): Code | undefined {
    const workload = this.handles.selectedBy(this.source);
    const text = workload && this.handles.port(workload, name);
    return text === undefined ? undefined : atom(text);
  }

  #handled(value: Json, { path, field, holderType }: Place): Code | undefined {
    if (this.source.builder === undefined || holderType === undefined) return undefined;
    const call = this.handles.callFor(this.source, field, value);
    if (!call) return undefined;
    const rest = Object.entries(value);
    if (rest.every(([key]) => call.members.includes(key))) return atom(call.text);
    const type = typeBelow(holderType, field);
    const members = rest.map(([key, child]) =>
      call.members.includes(key)
        ? { key: undefined, value: atom(call.text) }
        : this.#member(key, child, path, value, type),
    );
    return { form: 'object', members };
  }

  #object(value: Json, path: Path, field: string, type: string | undefined): Code {
    const members = Object.entries(value).map(([key, child]) => this.#member(key, child, path, value, type));
    const tail = path.length === 0 ? undefined : this.source.comments?.(path)?.tail;
    const code: Code = { form: 'object', members, tail };
    const plain = labelFields.has(field) && isLabels(value) && members.every(({ comments }) => comments === undefined);
    return plain && (tail ?? []).length === 0
      ? this.shared.note(labelsPrefix + JSON.stringify(value), value, code)
      : code;
  }

  #member(key: string, value: unknown, path: Path, holder: Json, holderType: string | undefined): Member {
    const at = [...path, key];
    return {
      key,
      value: this.#value(value, { path: at, field: key, holder, holderType }),
      comments: this.#comments(at),
    };
  }

  #array(list: readonly unknown[], place: Place): Code {
    const items = list.map((value, index): Item => {
      const at = [...place.path, index];
      return { value: this.#value(value, { ...place, path: at }), comments: this.#comments(at) };
    });
    return { form: 'array', items, tail: this.source.comments?.(place.path)?.tail };
  }

  #comments(path: Path): Comments | undefined {
    const comments = this.source.comments?.(path);
    return comments && (comments.before.length > 0 || comments.after !== undefined) ? comments : undefined;
  }
}
