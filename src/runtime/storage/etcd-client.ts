/**
 * The calls of etcd that a store needs, over its JSON gateway, which every etcd since 3.4 serves beside gRPC.
 * Source: https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { isRecord } from '../../shared/deep.ts';
import type { EtcdAddress } from './etcd-address.ts';

/** etcd answered, and refused. What was asked for did not happen. */
export class EtcdRefusal extends Error {
  constructor(
    message: string,
    /** Of gRPC. */
    readonly code: number,
  ) {
    super(message);
  }
}
/** No answer, or none that tells: what was asked for may have happened, or happen yet. */
export class EtcdSilence extends Error {}

export interface EtcdEntry {
  readonly key: string;
  readonly value: string;
  /** etcd's own revision of the last change. */
  readonly modified: number;
}

export type EtcdCondition =
  { readonly key: string; readonly value: string } | { readonly key: string; readonly modified: number };

export type EtcdOperation =
  | { readonly put: string; readonly value: string; readonly lease?: string }
  | { readonly remove: string; readonly andBelow?: boolean };

export interface EtcdOutcome {
  /** False when a condition did not hold; then nothing was changed. */
  readonly done: boolean;
  /** etcd's revision after the call. */
  readonly revision: number;
}

/** gRPC's: DeadlineExceeded, Aborted, Unavailable. etcd answers with these while it has no leader, too. */
const undecided: readonly number[] = [4, 10, 14];
const callTimeout: Milliseconds = 5000;
const answerLimit = 512 * 2 ** 20;

export class EtcdClient implements Disposable {
  readonly #address: EtcdAddress;
  readonly #clock: Clock;
  readonly #agent: HttpAgent | HttpsAgent;
  /** The one that answered last. */
  #endpoint = 0;

  constructor(address: EtcdAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
    this.#agent =
      address.tls === undefined
        ? new HttpAgent({ keepAlive: true })
        : new HttpsAgent({ keepAlive: true, ...address.tls });
  }

  /** What messages call it. */
  get name(): string {
    return this.#address.endpoints.join(', ');
  }

  async get(key: string): Promise<EtcdEntry | undefined> {
    const answer = await this.#call('kv/range', { key: base64(key) });
    return entriesOf(answer)[0];
  }

  /** Up to `limit` entries below the prefix from a key on, in the order of keys. */
  async list(prefix: string, from: string, limit: number): Promise<readonly EtcdEntry[]> {
    const range = { key: base64(from), range_end: base64(endOf(prefix)), limit: String(limit) };
    return entriesOf(await this.#call('kv/range', range));
  }

  /** All operations in one transaction, if all conditions hold. @throws EtcdRefusal, EtcdSilence */
  async change(conditions: readonly EtcdCondition[], operations: readonly EtcdOperation[]): Promise<EtcdOutcome> {
    const answer = await this.#call('kv/txn', {
      compare: conditions.map(conditionOf),
      success: operations.map(operationOf),
    });
    return { done: answer['succeeded'] === true, revision: revisionOf(answer) };
  }

  /** Forgets etcd's own history before its revision. */
  async compact(revision: number): Promise<void> {
    await this.#call('kv/compaction', { revision: String(revision) });
  }

  async grantLease(seconds: number): Promise<string> {
    const { ID: id } = await this.#call('lease/grant', { TTL: String(seconds) });
    if (typeof id !== 'string') throw new EtcdSilence(`${this.name} granted a lease without an ID`);
    return id;
  }

  /** False when the lease has run out. */
  async renewLease(id: string): Promise<boolean> {
    const { result } = await this.#call('lease/keepalive', { ID: id });
    return isRecord(result) && Number(result['TTL'] ?? 0) > 0;
  }

  async revokeLease(id: string): Promise<void> {
    await this.#call('lease/revoke', { ID: id });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /** Asks the endpoints in turn until one answers. */
  async #call(method: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    const { endpoints } = this.#address;
    const silences: string[] = [];
    for (let tried = 0; tried < endpoints.length; tried++) {
      const index = (this.#endpoint + tried) % endpoints.length;
      const endpoint = endpoints[index] ?? '';
      try {
        const answer = decode(await this.#post(`${endpoint}/v3/${method}`, JSON.stringify(body)), endpoint);
        this.#endpoint = index;
        return answer;
      } catch (error) {
        if (!(error instanceof EtcdSilence)) throw error;
        silences.push(error.message);
      }
    }
    throw new EtcdSilence(silences.join('; '));
  }

  #post(url: string, body: string): Promise<{ readonly status: number; readonly text: string }> {
    const silence = (error: Error): EtcdSilence => new EtcdSilence(`${url}: ${error.message}`, { cause: error });
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', agent: this.#agent, headers: { 'content-type': 'application/json' } };
      const request = (this.#address.tls === undefined ? httpRequest : httpsRequest)(url, options, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > answerLimit) request.destroy(new Error(`the answer is longer than ${answerLimit} bytes`));
        });
        response.on('error', (error) => reject(silence(error)));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      });
      const timer = this.#clock.schedule(callTimeout, () =>
        request.destroy(new Error(`no answer within ${callTimeout / 1000} s`)),
      );
      request.on('error', (error) => reject(silence(error)));
      request.on('close', () => timer[Symbol.dispose]());
      request.end(body);
    });
  }
}

function decode(
  { status, text }: { readonly status: number; readonly text: string },
  endpoint: string,
): Readonly<Record<string, unknown>> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    throw new EtcdSilence(`${endpoint} does not answer as an etcd's gateway does (HTTP ${status})`, { cause: error });
  }
  if (!isRecord(answer)) throw new EtcdSilence(`${endpoint} answers ${text.slice(0, 100)}`);
  // A stream wraps its error as it wraps its results.
  const failure = isRecord(answer['error']) ? answer['error'] : answer;
  const message = failure['message'] ?? answer['error'];
  if (status === 200 && message === undefined) return answer;
  const code = Number(failure['code'] ?? failure['grpc_code'] ?? Number.NaN);
  const words = typeof message === 'string' ? message : `HTTP ${status}`;
  if (Number.isNaN(code) || undecided.includes(code)) throw new EtcdSilence(`${endpoint}: ${words}`);
  throw new EtcdRefusal(words, code);
}

function entriesOf(answer: Readonly<Record<string, unknown>>): readonly EtcdEntry[] {
  const { kvs } = answer;
  if (!Array.isArray(kvs)) return [];
  return kvs.filter(isRecord).map((entry) => ({
    key: textOf(entry['key']),
    value: textOf(entry['value']),
    modified: Number(entry['mod_revision']),
  }));
}

function revisionOf(answer: Readonly<Record<string, unknown>>): number {
  const { header } = answer;
  return isRecord(header) ? Number(header['revision']) : Number.NaN;
}

function conditionOf(condition: EtcdCondition): object {
  const key = base64(condition.key);
  return 'value' in condition
    ? { key, target: 'VALUE', result: 'EQUAL', value: base64(condition.value) }
    : { key, target: 'MOD', result: 'EQUAL', mod_revision: String(condition.modified) };
}

function operationOf(operation: EtcdOperation): object {
  if ('put' in operation) {
    const { put, value, lease } = operation;
    return { requestPut: { key: base64(put), value: base64(value), ...(lease === undefined ? {} : { lease }) } };
  }
  const below = operation.andBelow === true ? { range_end: base64(endOf(operation.remove)) } : {};
  return { requestDeleteRange: { key: base64(operation.remove), ...below } };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Proto3's JSON leaves out what is empty. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : '';
}

/** The first key that does not begin with the prefix. Prefixes of ours end in a slash. */
function endOf(prefix: string): string {
  return `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
}
