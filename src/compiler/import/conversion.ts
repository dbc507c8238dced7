/** One object -> the call that builds it; notes on the way which objects it needs and which values repeat. */
import { isRecord } from '../../shared/deep.ts';
import { atom } from './code.ts';
import type { Code, Comments, Item, Member } from './code.ts';
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
    count: number,
  ): readonly { readonly key: string; readonly value: unknown; readonly code: Code }[] {
    return [...this.#uses].flatMap(([key, use]) =>
      key.startsWith(prefix) && use.count >= count ? [{ key, value: use.value, code: use.code }] : [],
    );
  }
}

export const labelsPrefix = 'labels ';
export const namespacePrefix = 'namespace ';

export function scalarCode(value: unknown): Code {
  if (typeof value === 'string')
    return isSeveralLines(value) ? atom(templateLiteral(value), 'template') : atom(textLiteral(value), 'string');
  if (typeof value === 'number') return atom(numberLiteral(value), 'number');
  return atom(String(value));
}

const labelFields: ReadonlySet<string> = new Set(['labels', 'matchLabels', 'selector']);

function isLabels(value: Json): boolean {
  const labels = Object.values(value);
  return labels.length > 0 && labels.every((label) => typeof label === 'string');
}

export class Conversion {
  readonly needs = new Set<ImportedObject>();

  constructor(
    readonly source: ImportedObject,
    readonly handles: Handles,
    readonly shared: SharedValues,
  ) {}

  call(): Code {
    const { builder, input } = this.source;
    return { form: 'call', callee: builder ?? 'raw', argument: this.#object(input, []) };
  }

  #value(value: unknown, path: Path, field: string): Code {
    if (Array.isArray(value)) return this.#array(value, path, field);
    if (!isRecord(value)) return this.#scalar(value, path, field);
    return this.#selected(value, path) ?? this.#handled(value, path, field) ?? this.#object(value, path, field);
  }

  #scalar(value: unknown, path: Path, field: string): Code {
    const code = scalarCode(value);
    if (typeof value !== 'string') return code;
    if (field === 'targetPort') return this.#port(value) ?? code;
    const holder = path.at(-2);
    const ofMetadata = path.length === 2 && holder === 'metadata';
    const named = field === 'namespace' || (field === 'name' && this.source.object.kind === 'Namespace');
    if (named && (ofMetadata || path.at(-3) === 'subjects'))
      return this.shared.note(namespacePrefix + value, value, code);
    return code;
  }

  #workload(): ImportedObject | undefined {
    const { apiVersion, kind } = this.source.object;
    const { spec } = this.source.object;
    if (apiVersion !== 'v1' || kind !== 'Service' || this.source.builder === undefined) return undefined;
    const selector = isRecord(spec) ? spec['selector'] : undefined;
    return isRecord(selector) ? this.handles.selectedBy(this.source, selector) : undefined;
  }

  #selected(value: Json, path: Path): Code | undefined {
    const workload = path.length === 2 && path[1] === 'selector' && value ? this.#workload() : undefined;
    if (!workload) return undefined;
    this.needs.add(workload);
    return atom(workload.variable, 'name');
  }

  #port(name: string): Code | undefined {
    const workload = this.#workload();
    const text = workload && this.handles.port(workload, name);
    if (!workload || text === undefined) return undefined;
    this.needs.add(workload);
    return atom(text);
  }

  #handled(value: Json, path: Path, field: string): Code | undefined {
    if (this.source.builder === undefined) return undefined;
    const call = this.handles.callFor(this.source, field, value);
    if (!call) return undefined;
    this.needs.add(call.target);
    const rest = Object.entries(value);
    if (rest.every(([key]) => call.members.includes(key))) return atom(call.text);
    const members = rest.map(([key, child]) =>
      call.members.includes(key) ? { key: undefined, value: atom(call.text) } : this.#member(key, child, path),
    );
    return { form: 'object', members };
  }

  #object(value: Json, path: Path, field = ''): Code {
    const members = Object.entries(value).map(([key, child]) => this.#member(key, child, path));
    const tail = path.length === 0 ? undefined : this.source.comments?.(path)?.tail;
    const code: Code = { form: 'object', members, tail };
    const plain = labelFields.has(field) && isLabels(value) && members.every(({ comments }) => comments === undefined);
    return plain && (tail ?? []).length === 0
      ? this.shared.note(labelsPrefix + JSON.stringify(value), value, code)
      : code;
  }

  #member(key: string, value: unknown, path: Path): Member {
    const at = [...path, key];
    return { key, value: this.#value(value, at, key), comments: this.#comments(at) };
  }

  /** Items of a list know the list's field: that is how references in lists are found. */
  #array(list: readonly unknown[], path: Path, field: string): Code {
    const items = list.map((value, index): Item => {
      const at = [...path, index];
      return { value: this.#value(value, at, field === 'imagePullSecrets' ? field : ''), comments: this.#comments(at) };
    });
    return { form: 'array', items, tail: this.source.comments?.(path)?.tail };
  }

  #comments(path: Path): Comments | undefined {
    const comments = this.source.comments?.(path);
    return comments && (comments.before.length > 0 || comments.after !== undefined) ? comments : undefined;
  }
}
