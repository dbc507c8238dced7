/** The state of a cluster as rows that change, for any number of readers. */
import { AsyncQueue } from '../shared/async-queue.ts';
import type { Clock, Milliseconds } from '../shared/clock.ts';
import type { ApiClient } from '../runtime/client/api-client.ts';
import { InformerSet } from '../runtime/client/informer.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import type { KubeObject, Persisted } from '../types/meta.ts';
import type { Change, Health, Row } from './messages.ts';
import { kindId, ownColumns, watchedKinds } from './watched-kinds.ts';

export interface Judgement {
  readonly state: Health;
  readonly detail: string;
}

/** A reader this far behind is cut off, and may come again. */
const mostWaiting = 50_000;
const pause: Milliseconds = 1000;

export class ClusterFeed implements AsyncDisposable {
  #informers: InformerSet;
  readonly #client: ApiClient;
  #disposed = false;
  readonly #rows = new Map<string, Row>();
  readonly #readers = new Set<AsyncQueue<Change>>();
  readonly #failing = new Map<string, string>();
  readonly #judge: (object: KubeObject) => Judgement;
  readonly #clock: Clock;

  readonly #answers: () => Promise<boolean>;
  #check: Disposable | undefined;

  /** @param answers whether the API server answers at all, asked while a watch fails */
  constructor(
    client: ApiClient,
    clock: Clock,
    judge: (object: KubeObject) => Judgement,
    answers: () => Promise<boolean>,
  ) {
    this.#judge = judge;
    this.#clock = clock;
    this.#answers = answers;
    this.#client = client;
    this.#informers = this.#start();
  }

  #start(): InformerSet {
    const informers = new InformerSet(this.#client, {
      clock: this.#clock,
      pageSize: 500,
      onError: (error, kind) => this.#fail(kind, error instanceof Error ? error.message : String(error)),
    });
    for (const kind of watchedKinds) this.#follow(informers, kind);
    return informers;
  }

  /** What there is, then every change, until the signal aborts. */
  async *changes(signal: AbortSignal): AsyncGenerator<Change> {
    const queue = new AsyncQueue<Change>(mostWaiting);
    for (const row of this.#rows.values()) queue.push({ type: 'row', row });
    queue.push({ type: 'trouble', message: this.#trouble() });
    this.#readers.add(queue);
    const close = (): void => queue.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      yield* queue;
    } finally {
      signal.removeEventListener('abort', close);
      this.#readers.delete(queue);
    }
  }

  #follow(informers: InformerSet, kind: KindDefinition): void {
    const informer = informers.of(kind);
    informer.subscribe(({ type, object }) => {
      if (type === 'delete') {
        this.#drop(object.metadata.uid);
        return;
      }
      const row = this.#row(kind, object);
      this.#rows.set(row.uid, row);
      this.#tell({ type: 'row', row });
    });
    // What went while nobody could watch.
    informer.synced.then(
      () => {
        const there = new Set(informer.list().map(({ metadata }) => metadata.uid));
        for (const row of [...this.#rows.values()])
          if (row.kind === kindId(kind) && !there.has(row.uid)) this.#drop(row.uid);
      },
      () => undefined,
    );
  }

  #drop(uid: string): void {
    this.#rows.delete(uid);
    this.#tell({ type: 'gone', uid });
  }

  #row(kind: KindDefinition, object: Persisted): Row {
    const {
      uid,
      name,
      namespace = '',
      creationTimestamp = '',
      ownerReferences = [],
      deletionTimestamp,
    } = object.metadata;
    const { state, detail } = this.#judge(object);
    const now = this.#clock.now();
    return {
      kind: kindId(kind),
      uid,
      namespace,
      name,
      cells: ownColumns(kind).map((column) => String(column.cell(object, now) ?? '')),
      health: deletionTimestamp === undefined ? state : 'waiting',
      detail: deletionTimestamp === undefined ? detail : 'is being deleted',
      created: creationTimestamp,
      owners: ownerReferences.map((owner) => owner.uid),
    };
  }

  #fail(kind: KindDefinition, message: string): void {
    this.#failing.set(kindId(kind), message);
    this.#tell({ type: 'trouble', message: this.#trouble() });
    this.#ask();
  }

  /** A watch that goes on after a pause in which nothing changed says nothing, so the server itself is asked. */
  #ask(): void {
    this.#check ??= this.#clock.schedule(pause, () => {
      this.#check = undefined;
      void this.#answers().then((answers) => {
        if (!answers) this.#ask();
        else if (this.#failing.size > 0 && !this.#disposed) this.#resume();
      });
    });
  }

  /** Begins anew, since watches that failed for long come back only after long pauses. */
  #resume(): void {
    const former = this.#informers;
    this.#informers = this.#start();
    this.#failing.clear();
    this.#tell({ type: 'trouble', message: '' });
    void former[Symbol.asyncDispose]();
  }

  /** One message, since kinds fail together when the server is gone. */
  #trouble(): string {
    return [...new Set(this.#failing.values())].join('; ');
  }

  #tell(change: Change): void {
    for (const reader of this.#readers) reader.push(change);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#check?.[Symbol.dispose]();
    for (const reader of this.#readers) reader.close();
    await this.#informers[Symbol.asyncDispose]();
  }
}
