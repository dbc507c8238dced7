/**
 * Where everything of a document stands, as numbers in one array: a folder of manifests has millions of nodes, and what is not
 * an object need not be collected. A node is four numbers: what it is, where it starts, where it ends (scalars and aliases
 * only), and the index behind its children. The children of a list are its items; those of a map are key, value, key, value.
 */

export const NodeForm = { plain: 0, quoted: 1, block: 2, map: 3, list: 4, alias: 5 } as const;
export type NodeForm = (typeof NodeForm)[keyof typeof NodeForm];

const width = 4;

export class NodeTableBuilder {
  #numbers = new Int32Array(1024);
  #used = 0;

  /** The index that the next node will have. */
  get next(): number {
    return this.#used;
  }

  /** Answers the node's index. */
  add(form: NodeForm, start: number, end: number): number {
    const at = this.#used;
    if (at + width > this.#numbers.length) {
      const larger = new Int32Array(this.#numbers.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    const numbers = this.#numbers;
    numbers[at] = form;
    numbers[at + 1] = start;
    numbers[at + 2] = end;
    this.#used = numbers[at + 3] = at + width;
    return at;
  }

  /** All that was added since is inside. */
  close(node: number): void {
    this.#numbers[node + 3] = this.#used;
  }

  /** What was added, for good; the builder is empty again. */
  take(): NodeTable {
    const taken = new NodeTable(this.#numbers.slice(0, this.#used));
    this.#used = 0;
    return taken;
  }
}

export class NodeTable {
  readonly #numbers: Int32Array;

  constructor(numbers: Int32Array) {
    this.#numbers = numbers;
  }

  /** The first node is the whole document; there is none in an empty one. */
  get isEmpty(): boolean {
    return this.#numbers.length === 0;
  }

  form(node: number): number {
    return this.#numbers[node] ?? 0;
  }

  start(node: number): number {
    return this.#numbers[node + 1] ?? 0;
  }

  end(node: number): number {
    return this.#numbers[node + 2] ?? 0;
  }

  /** The index behind the node and all that is inside. */
  after(node: number): number {
    return this.#numbers[node + 3] ?? this.#numbers.length;
  }

  firstChild(node: number): number {
    return node + width;
  }
}
