/** An ApiClient on a table of objects: revisions, watches, statuses and graceful deletion of pods, no more. */
import { AsyncQueue } from '../../../src/shared/async-queue.ts';
import { isRecord } from '../../../src/shared/deep.ts';
import {
  ApiFailure,
  type ApiClient,
  type ClientWatchEvent,
  type DeleteQuery,
  type ListAnswer,
  type Patch,
  type ResourceClient,
} from '../../../src/runtime/client/api-client.ts';
import type { KindDefinition } from '../../../src/types/define-kind.ts';
import { keyOf, keyText, type KubeObject, type ObjectKey, type Persisted } from '../../../src/types/meta.ts';

type Row = Persisted<KubeObject>;

export class ObjectTable implements ApiClient {
  readonly #rows = new Map<string, Row>();
  readonly #watchers = new Map<AsyncQueue<{ type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Row }>, string>();
  readonly #changes = new Set<() => void>();
  #revision = 0;
  /** Tokens given so far. */
  tokens = 0;
  /** When they expire. */
  tokenExpires = (): Date => new Date('2030-01-01T00:00:00Z');
  /** How often each status was written. */
  readonly statusWrites = new Map<string, number>();

  of<T extends KubeObject>(kind: KindDefinition<T>): ResourceClient<T>;
  of(kind: KindDefinition): ResourceClient<KubeObject> {
    return new TableClient(this, kind);
  }

  row(kind: KindDefinition, key: ObjectKey): Row | undefined {
    return this.#rows.get(`${kind.typeName} ${keyText(key)}`);
  }

  rows(kind: KindDefinition): readonly Row[] {
    return [...this.#rows].filter(([key]) => key.startsWith(`${kind.typeName} `)).map(([, row]) => row);
  }

  get revision(): string {
    return String(this.#revision);
  }

  put(kind: KindDefinition, object: KubeObject): Row {
    const id = `${kind.typeName} ${keyText(keyOf(object))}`;
    const before = this.#rows.get(id);
    const resourceVersion = String(++this.#revision);
    const name = object.metadata.name ?? '';
    const uid = before?.metadata.uid ?? object.metadata.uid ?? `uid-${this.#revision}`;
    const creationTimestamp = before?.metadata.creationTimestamp ?? '2026-01-01T00:00:00Z';
    const row: Row = { ...object, metadata: { ...object.metadata, name, uid, resourceVersion, creationTimestamp } };
    this.#rows.set(id, row);
    this.#tell(kind, before ? 'MODIFIED' : 'ADDED', row);
    return row;
  }

  drop(kind: KindDefinition, key: ObjectKey): void {
    const id = `${kind.typeName} ${keyText(key)}`;
    const row = this.#rows.get(id);
    if (!row) return;
    this.#rows.delete(id);
    const resourceVersion = String(++this.#revision);
    this.#tell(kind, 'DELETED', { ...row, metadata: { ...row.metadata, resourceVersion } });
  }

  async *watch(kind: KindDefinition, signal: AbortSignal): AsyncGenerator<ClientWatchEvent<KubeObject>> {
    const queue = new AsyncQueue<{ type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Row }>();
    this.#watchers.set(queue, kind.typeName);
    signal.addEventListener('abort', () => queue.close(), { once: true });
    if (signal.aborted) queue.close();
    try {
      yield* queue;
    } finally {
      this.#watchers.delete(queue);
    }
  }

  /** Resolves when the condition holds, which is looked at after every change. */
  until<T>(condition: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = condition();
        if (found === undefined) return;
        this.#changes.delete(look);
        resolve(found);
      };
      this.#changes.add(look);
      look();
    });
  }

  #tell(kind: KindDefinition, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Row): void {
    for (const [queue, typeName] of this.#watchers) if (typeName === kind.typeName) queue.push({ type, object });
    for (const look of [...this.#changes]) look();
  }
}

class TableClient implements ResourceClient<KubeObject> {
  constructor(
    readonly table: ObjectTable,
    readonly kind: KindDefinition,
  ) {}

  async get(key: ObjectKey): Promise<Row | undefined> {
    return this.table.row(this.kind, key);
  }

  async list(query: { namespace?: string } = {}): Promise<ListAnswer<KubeObject>> {
    const items = this.table
      .rows(this.kind)
      .filter((row) => !query.namespace || row.metadata.namespace === query.namespace);
    return { resourceVersion: this.table.revision, continue: undefined, items };
  }

  watch(_query: unknown, signal: AbortSignal): AsyncIterable<ClientWatchEvent<KubeObject>> {
    return this.table.watch(this.kind, signal);
  }

  async create(object: KubeObject): Promise<Row> {
    return this.table.put(this.kind, object);
  }

  async update(object: KubeObject): Promise<Row> {
    return this.table.put(this.kind, object);
  }

  async updateStatus(object: KubeObject): Promise<Row> {
    const key = keyOf(object);
    const row = this.table.row(this.kind, key);
    if (!row) throw new ApiFailure(404, 'NotFound', 'not found', undefined);
    if (object.metadata.resourceVersion !== row.metadata.resourceVersion) {
      throw new ApiFailure(409, 'Conflict', 'the object has been modified', undefined);
    }
    this.table.statusWrites.set(keyText(key), (this.table.statusWrites.get(keyText(key)) ?? 0) + 1);
    const status: unknown = 'status' in object ? object.status : undefined;
    return this.table.put(this.kind, Object.assign({}, row, { status }));
  }

  async patch(key: ObjectKey, patch: Patch): Promise<Row> {
    const row = this.table.row(this.kind, key);
    if (!row || !('patch' in patch)) throw new ApiFailure(404, 'NotFound', 'not found', undefined);
    const spec = isRecord(patch.patch) ? patch.patch['spec'] : undefined;
    return this.table.put(this.kind, Object.assign({}, row, { spec }));
  }

  async scale(): Promise<undefined> {}

  setScale(): Promise<never> {
    return Promise.reject(new ApiFailure(405, 'MethodNotAllowed', 'nothing is scaled here', undefined));
  }

  async delete(key: ObjectKey, query: DeleteQuery = {}): Promise<KubeObject | undefined> {
    const row = this.table.row(this.kind, key);
    if (!row) return undefined;
    const uid = query.preconditions?.uid;
    if (uid !== undefined && uid !== row.metadata.uid) throw new ApiFailure(409, 'Conflict', 'another uid', undefined);
    const seconds = query.gracePeriodSeconds ?? 30;
    if (this.kind.kind !== 'Pod' || seconds === 0) this.table.drop(this.kind, key);
    else {
      const deletion = { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: seconds };
      this.table.put(this.kind, { ...row, metadata: { ...row.metadata, ...deletion } });
    }
    return row;
  }

  async postSubresource(_key: ObjectKey, _subresource: string, body: KubeObject): Promise<KubeObject> {
    const expirationTimestamp = this.table.tokenExpires().toISOString();
    const status = { token: `token-${++this.table.tokens}`, expirationTimestamp };
    return Object.assign({}, body, { status });
  }

  async updateSubresource(object: KubeObject): Promise<Row> {
    return this.table.put(this.kind, object);
  }

  async deleteCollection(): Promise<void> {
    for (const row of this.table.rows(this.kind)) this.table.drop(this.kind, keyOf(row));
  }
}
