/** Follows the path of a field through the text of a program. */
import type ts from 'typescript';
import { isRecord } from '../../shared/deep.ts';
import type { FieldPath } from '../../types/field-issue.ts';
import { childOf } from '../field-value.ts';
import { isFunc, literalValue, returnsOf } from './syntax.ts';
import type { Known, Step, Values } from './values.ts';

/** What a complaint is about. */
export interface Subject {
  /** The object itself, which tells apart what the text leaves open. */
  readonly object: unknown;
  /** Whether the value of the field is wrong, rather than that the field is there. */
  readonly isValue: boolean;
}

export interface Found {
  readonly place: ts.Node;
  /** Where the value was written, when that is elsewhere. */
  readonly literal?: ts.Node;
  /** Whether the whole path was there. */
  readonly whole: boolean;
  /** Whether the text shows how the value came there. */
  readonly traced?: boolean;
}

export class Search {
  constructor(
    readonly values: Values,
    readonly path: FieldPath,
    readonly subject: Subject | undefined,
  ) {}

  from(start: Known): Found | undefined {
    let cursors: readonly Step[] = [{ place: start.node, value: start }];
    let actual: unknown = this.subject?.object;
    for (const segment of this.path) {
      const key = typeof segment === 'object' ? segment.key : segment;
      actual = childOf(actual, key);
      const next = cursors.flatMap(({ value }) => (value ? this.#next(value, key, actual) : []));
      // A missing field is reported at the deepest object that should have had it.
      if (next.length === 0) return cursors[0] && { place: cursors[0].place, whole: false };
      cursors = next;
    }
    return this.#chosen(cursors, actual);
  }

  #next(value: Known, key: string | number, actual: unknown): readonly Step[] {
    return this.values.of(value).flatMap((known) => {
      if (isFunc(known.node))
        return returnsOf(known.node).flatMap((node) => this.#next({ node, env: known.env }, key, actual));
      const steps = this.values.step(known, key);
      return typeof key === 'number' ? this.#ofSameName(known, steps, actual) : steps;
    });
  }

  /** Helpers and patches put items before and between others, but do not change their names. */
  #ofSameName(list: Known, steps: readonly Step[], actual: unknown): readonly Step[] {
    const name = isRecord(actual) ? actual['name'] : undefined;
    if (typeof name !== 'string') return steps;
    const fits = ({ value }: Step): boolean => {
      const names = value ? this.#namesOf(value) : [];
      return names.length === 0 || names.includes(name);
    };
    const fitting = steps.filter(fits);
    if (fitting.length > 0) return fitting;
    return this.values
      .elementsOf(list)
      .filter((value) => this.#namesOf(value).includes(name))
      .map((value) => ({ place: value.node, value }));
  }

  #namesOf(item: Known): readonly unknown[] {
    return this.values
      .of(item)
      .flatMap((value) => this.values.step(value, 'name'))
      .flatMap(({ value }) => (value ? this.values.of(value) : []))
      .flatMap(({ node }) => literalValue(node)?.value ?? []);
  }

  #chosen(cursors: readonly Step[], actual: unknown): Found | undefined {
    const [first] = cursors;
    if (!first) return undefined;
    const written = cursors.flatMap((cursor) =>
      (cursor.value ? this.values.of(cursor.value) : [])
        .filter(({ node }) => actual !== undefined && literalValue(node)?.value === actual)
        .map(({ node }) => ({ cursor, node })),
    );
    const [only] = written;
    const traced = only !== undefined;
    if (!only || this.subject?.isValue !== true) return { place: (only?.cursor ?? first).place, whole: true, traced };
    const { cursor, node } = only;
    if (new Set(written.map((one) => one.node)).size > 1 || isInside(node, cursor.place))
      return { place: cursor.place, whole: true, traced };
    return { place: cursor.place, literal: node, whole: true, traced };
  }
}

function isInside(node: ts.Node, outer: ts.Node): boolean {
  return node.getSourceFile() === outer.getSourceFile() && node.pos >= outer.pos && node.end <= outer.end;
}
