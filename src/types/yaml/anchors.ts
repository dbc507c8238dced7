/** The anchors of one document as the quick reader comes to them. */
import { unsure } from './quick-scanner.ts';
import { maxExpandedNodes } from './reading.ts';

interface Anchored {
  readonly value: unknown;
  /** How many values there are in it. */
  readonly nodes: number;
}

export class Anchors {
  readonly #values = new Map<string, Anchored | undefined>();
  #places: Map<string, number> | undefined;
  #expanded = 0;

  /** Where the values stand that have anchors. */
  get places(): ReadonlyMap<string, number> | undefined {
    return this.#places;
  }

  /** Before the value is read: nothing inside it may refer to it. */
  begin(name: string, node: number): void {
    this.#values.set(name, undefined);
    this.#places ??= new Map();
    this.#places.set(name, node);
  }

  end(name: string, anchored: Anchored): void {
    this.#values.set(name, anchored);
  }

  /** @throws Unsure for anchors that there are not, and when aliases stand for too much */
  resolve(name: string): Anchored {
    const target = this.#values.get(name);
    this.#expanded += target?.nodes ?? 0;
    if (!target || this.#expanded > maxExpandedNodes) throw unsure;
    return target;
  }
}
