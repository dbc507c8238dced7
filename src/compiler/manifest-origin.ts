/** Where in files of YAML the objects stand that a program has read from there. */
import { readFileSync } from 'node:fs';
import { deepEqual, isRecord } from '../shared/deep.ts';
import type { FieldPath } from '../types/field-issue.ts';
import type { YamlDocument } from '../types/yaml/read.ts';
import type { SourcePlace } from './problem.ts';
import { shownPath } from './shown-path.ts';

export interface ManifestOrigin {
  /** Absolute path. */
  readonly file: string;
  /** Which of its documents, counted from 0. */
  readonly document: number;
  /** Of an item of a list in that document. */
  readonly path: readonly (string | number)[];
}

function isOrigin(value: unknown): value is ManifestOrigin {
  return (
    isRecord(value) &&
    typeof value['file'] === 'string' &&
    typeof value['document'] === 'number' &&
    Array.isArray(value['path'])
  );
}

/** Kept by the helpers that read files under a symbol, as the builders keep their calls. */
export function originOf(object: object): ManifestOrigin | undefined {
  const origin: unknown = Reflect.get(object, Symbol.for('kubewright.origin'));
  return isOrigin(origin) ? origin : undefined;
}

type Steps = readonly (string | number)[];

function valueAt(value: unknown, path: Steps): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = Reflect.get(found, step);
  }
  return found;
}

export class ManifestPlaces {
  readonly #documents = new Map<string, readonly YamlDocument[]>();

  constructor(readonly read: (text: string) => readonly YamlDocument[]) {}

  /** Undefined for what is not as the file says: the program has changed it. */
  place(origin: ManifestOrigin, object: object, field: FieldPath, part: 'key' | 'value'): SourcePlace | undefined {
    const document = this.#documentsOf(origin.file)[origin.document];
    if (!document) return undefined;
    const steps = field.map((step) => (typeof step === 'object' ? step.key : step));
    const path = [...origin.path, ...steps];
    if (!deepEqual(valueAt(document.value, path), valueAt(object, steps))) return undefined;
    for (let length = path.length; length >= origin.path.length; length--) {
      const range = document.rangeOf(path.slice(0, length), length === path.length ? part : 'key');
      if (!range) continue;
      const { start, end } = range;
      const place = { file: shownPath(origin.file), line: start.line, column: start.column };
      return end.offset > start.offset ? { ...place, endLine: end.line, endColumn: end.column } : place;
    }
    return { file: shownPath(origin.file), line: document.start.line, column: document.start.column };
  }

  #documentsOf(file: string): readonly YamlDocument[] {
    const known = this.#documents.get(file);
    if (known) return known;
    let documents: readonly YamlDocument[];
    try {
      documents = this.read(readFileSync(file, 'utf8'));
    } catch {
      // The file went away since it was read: then the program's own call has to do.
      documents = [];
    }
    this.#documents.set(file, documents);
    return documents;
  }
}

/** Reads YAML only when there is something to point at. */
export async function manifestPlaces(): Promise<ManifestPlaces> {
  const { readManifests } = await import('../types/yaml/manifests.ts');
  return new ManifestPlaces(readManifests);
}
