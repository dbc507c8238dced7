/** What every ContainerEngine keeps, run by Docker and by the simulated engine. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  EngineError,
  type ContainerEngine,
  type ContainerId,
  type ContainerSpec,
  type EngineEvent,
  type ExecOptions,
  type ProcessStreams,
  type LogChunk,
  type LogOptions,
} from '../../src/runtime/engine/container-engine.ts';
import type { SimulatedProgram } from '../support/simulated-program.ts';

export interface EngineHarness extends AsyncDisposable {
  readonly engine: ContainerEngine;
  /** A present image in which `command` works. */
  readonly image: string;
  /** Part of every container's name and label, so that runs do not meet. */
  readonly run: string;
  command(program: SimulatedProgram): readonly string[];
}

export function containerEngineContract(name: string, begin: () => Promise<EngineHarness>): void {
  describe(`container engine: ${name}`, () => {
    const bench = new Bench(begin);
    beforeAll(() => bench.begin());
    afterEach(() => bench.removeContainers());
    afterAll(() => bench.end());
    describe('images', () => imageContract(bench));
    describe('life of a container', () => lifeContract(bench));
    describe('events', () => eventContract(bench));
    describe('logs', () => logContract(bench));
    describe('exec', () => execContract(bench));
    describe('attach', () => attachContract(bench));
  });
}

const untilTerm = { steps: [{ untilTerm: 7 }] } as const;

/** The harness, and what the tests do with it again and again. */
class Bench {
  readonly #begin: () => Promise<EngineHarness>;
  #harness: EngineHarness | undefined;
  #serial = 0;

  constructor(begin: () => Promise<EngineHarness>) {
    this.#begin = begin;
  }

  async begin(): Promise<void> {
    this.#harness = await this.#begin();
  }

  async end(): Promise<void> {
    await this.harness[Symbol.asyncDispose]();
  }

  get harness(): EngineHarness {
    if (!this.#harness) throw new Error('the harness has not begun');
    return this.#harness;
  }

  get engine(): ContainerEngine {
    return this.harness.engine;
  }

  get labels(): Readonly<Record<string, string>> {
    return { 'kubewright.dev/test': this.harness.run };
  }

  spec(program: SimulatedProgram, extra: Partial<ContainerSpec> = {}): ContainerSpec {
    const { image, run } = this.harness;
    const command = this.harness.command(program);
    return { name: `${run}-${++this.#serial}`, image, labels: this.labels, command, network: 'disabled', ...extra };
  }

  create(program: SimulatedProgram, extra: Partial<ContainerSpec> = {}): Promise<ContainerId> {
    return this.engine.create(this.spec(program, extra));
  }

  async started(program: SimulatedProgram, extra: Partial<ContainerSpec> = {}): Promise<ContainerId> {
    const id = await this.create(program, extra);
    await this.engine.start(id);
    return id;
  }

  /** Runs the program to its end. */
  async finished(program: SimulatedProgram, extra: Partial<ContainerSpec> = {}): Promise<ContainerId> {
    const id = await this.create(program, extra);
    await this.during(async (next) => {
      await this.engine.start(id);
      await next('die', id);
    });
    return id;
  }

  /** Runs `body` with a function that waits for an event; the stream has begun before. */
  async during(
    body: (next: (type: EngineEvent['type'], id: ContainerId) => Promise<EngineEvent>) => Promise<void>,
  ): Promise<void> {
    const controller = new AbortController();
    const events = this.engine.events(this.labels, controller.signal)[Symbol.asyncIterator]();
    try {
      expect((await events.next()).value).toMatchObject({ type: 'gap', id: '' });
      await body(async (type, id) => {
        for (;;) {
          const { value, done } = await events.next();
          if (done === true) throw new Error(`the events ended before ${type} of ${id}`);
          const event: EngineEvent = value;
          if (event.type === type && event.id === id) return event;
        }
      });
    } finally {
      controller.abort();
      await events.return?.();
    }
  }

  async removeContainers(): Promise<void> {
    const left = await this.engine.list(this.labels);
    await Promise.all(left.map(({ id }) => this.engine.remove(id)));
  }

  async read(id: ContainerId, options: Partial<LogOptions> = {}): Promise<readonly string[]> {
    const all = { follow: false, timestamps: false, stdout: true, stderr: true, ...options };
    return gathered(this.engine.logs(id, all, new AbortController().signal));
  }

  async exec(
    id: ContainerId,
    program: SimulatedProgram,
    extra: Partial<ExecOptions> & Partial<Pick<ProcessStreams, 'resize'>> & { input?: readonly string[] } = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    const { resize, input, ...options } = extra;
    const output = { stdout: '', stderr: '' };
    const io: ProcessStreams = {
      stdin: input ? encoded(input) : undefined,
      stdout: async (data) => void (output.stdout += Buffer.from(data).toString()),
      stderr: async (data) => void (output.stderr += Buffer.from(data).toString()),
      resize,
    };
    const command = this.harness.command(program);
    const all = { command, tty: false, stdin: input !== undefined, stdout: true, stderr: true, ...options };
    const code = await this.engine.exec(id, all, io, signal);
    return { code, ...output };
  }
}

async function* encoded(parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

/** "stdout: ..." and "stderr: ..." with adjoining chunks of one stream joined, since their bounds mean nothing. */
async function gathered(chunks: AsyncIterable<LogChunk>): Promise<readonly string[]> {
  const found: { stream: string; text: string }[] = [];
  for await (const { stream, data } of chunks) {
    const last = found.at(-1);
    if (last?.stream === stream) last.text += Buffer.from(data).toString();
    else found.push({ stream, text: Buffer.from(data).toString() });
  }
  return found.map(({ stream, text }) => `${stream}: ${text}`);
}

function failure(reason: EngineError['reason']): object {
  return expect.objectContaining({ reason, message: expect.stringMatching(/./) });
}

function imageContract(bench: Bench): void {
  it('tells of an image that is there, and of one that is not', async () => {
    const { engine, harness } = bench;
    const found = await engine.image(harness.image);
    expect(found?.tags).toContain(harness.image);
    expect(found?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect((await engine.image(found?.id ?? ''))?.id).toBe(found?.id);
    expect((await engine.images()).map(({ id }) => id)).toContain(found?.id);
    expect(await engine.image(`${harness.run}/absent:1`)).toBeUndefined();
    await engine.removeImage(`${harness.run}/absent:1`);
  });

  it('describes itself', async () => {
    const info = await bench.engine.info(new AbortController().signal);
    expect(info.cpus).toBeGreaterThan(0);
    expect(info.memoryBytes).toBeGreaterThan(0);
    expect(info.apiVersion).toMatch(/^1\.\d+$/);
    expect(info.rootDir).toMatch(/^\//);
  });
}

function lifeContract(bench: Bench): void {
  it('creates, starts, stops and removes', async () => {
    const { engine } = bench;
    const spec = bench.spec(untilTerm, { labels: { ...bench.labels, part: 'a=b,c' } });
    const id = await engine.create(spec);
    expect(await engine.inspect(id)).toMatchObject({ id, name: spec.name, labels: spec.labels, status: 'created' });
    expect(await engine.inspect(id)).toMatchObject({ pid: 0, startedAt: undefined, finishedAt: undefined });
    await engine.start(id);
    await engine.start(id);
    const running = await engine.inspect(id);
    expect(running).toMatchObject({ status: 'running', image: spec.image, oomKilled: false });
    expect(running?.pid).toBeGreaterThan(0);
    expect(running?.startedAt).toBeInstanceOf(Date);
    const summary = { id, name: spec.name, labels: spec.labels, state: 'running' };
    expect(await engine.list(bench.labels)).toMatchObject([summary]);
    expect(await engine.list({ ...bench.labels, part: 'a=b,c' })).toMatchObject([summary]);
    expect(await engine.list({ ...bench.labels, part: 'other' })).toEqual([]);
    await engine.stop(id, 20_000);
    const stopped = await engine.inspect(id);
    expect(stopped).toMatchObject({ status: 'exited', exitCode: 7, pid: 0 });
    expect(stopped?.finishedAt).toBeInstanceOf(Date);
    await engine.stop(id, 20_000);
    await engine.remove(id);
    expect(await engine.inspect(id)).toBeUndefined();
    await engine.remove(id);
    await engine.stop(id, 1_000);
  });

  it('keeps the exit code', async () => {
    const id = await bench.finished({ steps: [{ exit: 42 }] });
    expect(await bench.engine.inspect(id)).toMatchObject({ status: 'exited', exitCode: 42, oomKilled: false });
  });

  it('kills what does not heed SIGTERM once the grace is over', async () => {
    const id = await bench.started({ steps: [{ stdout: 'ready\n' }, { ignoreTerm: true }] });
    await firstOutput(bench, id);
    await bench.engine.stop(id, 1_000);
    expect(await bench.engine.inspect(id)).toMatchObject({ status: 'exited', exitCode: 137 });
  });

  it('changes limits of what runs on', async () => {
    const { engine } = bench;
    const limits = { cpuShares: 102, cpuQuota: 20_000, cpuPeriod: 100_000, memoryBytes: 64 * 2 ** 20 };
    const id = await engine.create(bench.spec(untilTerm, limits));
    await engine.start(id);
    await engine.update(id, { ...limits, cpuShares: 204, memoryBytes: 128 * 2 ** 20 });
    expect(await engine.inspect(id)).toMatchObject({ status: 'running' });
    await engine.remove(id);
    await expect(engine.update(id, limits)).rejects.toEqual(failure('NotFound'));
  });

  it('sends a signal', async () => {
    const { engine } = bench;
    const id = await bench.started(untilTerm);
    await bench.during(async (next) => {
      await engine.kill(id, 'SIGKILL');
      await next('die', id);
    });
    expect(await engine.inspect(id)).toMatchObject({ status: 'exited', exitCode: 137 });
    await expect(engine.kill(id, 'SIGTERM')).rejects.toEqual(failure('Conflict'));
    await expect(engine.kill(`${bench.harness.run}-none`, 'SIGTERM')).rejects.toEqual(failure('NotFound'));
  });

  it('says why a container cannot be created or started', async () => {
    const { engine, harness } = bench;
    const spec = bench.spec(untilTerm);
    await engine.create(spec);
    await expect(engine.create(spec)).rejects.toEqual(failure('Conflict'));
    await expect(engine.create({ ...spec, image: `${harness.run}/absent:1` })).rejects.toEqual(failure('NotFound'));
    await expect(engine.start(`${harness.run}-none`)).rejects.toEqual(failure('NotFound'));
    const broken = await bench.create({ steps: [], startError: 'exec: no such program' });
    await expect(engine.start(broken)).rejects.toEqual(failure('InvalidSpec'));
    expect((await engine.inspect(broken))?.error).not.toBe('');
  });

  it('joins the network of a running container only', async () => {
    const { engine } = bench;
    const sandbox = await bench.create(untilTerm, { ipc: 'shareable' });
    const joined = { network: { container: sandbox }, ipc: { container: sandbox } };
    const member = await bench.create(untilTerm, joined);
    await expect(engine.start(member)).rejects.toThrow(EngineError);
    await engine.start(sandbox);
    await engine.start(member);
    expect(await engine.inspect(member)).toMatchObject({ status: 'running' });
  });

  it('removes a running container', async () => {
    const id = await bench.started({ steps: [{ ignoreTerm: true }] });
    await Promise.all([bench.engine.remove(id), bench.engine.remove(id)]);
    expect(await bench.engine.inspect(id)).toBeUndefined();
  });
}

async function firstOutput(bench: Bench, id: ContainerId): Promise<void> {
  const options = { follow: true, timestamps: false, stdout: true, stderr: true };
  for await (const _chunk of bench.engine.logs(id, options, new AbortController().signal)) return;
}

function eventContract(bench: Bench): void {
  it('tells what happens to the containers with the labels, and only to them', async () => {
    const { engine } = bench;
    const controller = new AbortController();
    const wanted = { ...bench.labels, group: 'one' };
    const seen: string[] = [];
    const events = engine.events(wanted, controller.signal)[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: 'gap' });
    const other = await bench.started(untilTerm);
    const id = await bench.started(untilTerm, { labels: wanted });
    await engine.stop(id, 20_000);
    await engine.remove(other);
    await engine.remove(id);
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      expect(next.value.id).toBe(id);
      // An image's labels are its containers' too.
      expect(next.value.labels).toMatchObject(wanted);
      expect(Math.abs(next.value.time.getTime() - Date.now())).toBeLessThan(60_000);
      seen.push(next.value.type);
      if (next.value.type === 'destroy') controller.abort();
    }
    expect(seen).toEqual(expect.arrayContaining(['create', 'start', 'kill', 'die', 'stop', 'destroy']));
    expect(seen.filter((type) => ['create', 'start', 'die', 'destroy'].includes(type))).toEqual([
      'create',
      'start',
      'die',
      'destroy',
    ]);
  });

  it('ends by the signal, also before it has begun', async () => {
    const events = bench.engine.events(bench.labels, AbortSignal.abort());
    for await (const event of events) expect(event.type).toBe('gap');
    const controller = new AbortController();
    const open = bench.engine.events(bench.labels, controller.signal)[Symbol.asyncIterator]();
    await open.next();
    const waiting = open.next();
    controller.abort();
    expect((await waiting).done).toBe(true);
  });
}

function logContract(bench: Bench): void {
  const lines = { steps: [{ stdout: 'one\n' }, { stderr: 'two\n' }, { stdout: 'three\n' }] };

  it('keeps stdout and stderr apart', async () => {
    const id = await bench.finished(lines);
    expect((await bench.read(id)).join('')).toContain('stderr: two\n');
    expect(await bench.read(id, { stderr: false })).toEqual(['stdout: one\nthree\n']);
    expect(await bench.read(id, { stdout: false })).toEqual(['stderr: two\n']);
  });

  it('reads the last lines, and those since a time', async () => {
    const id = await bench.finished({ steps: [{ stdout: 'one\ntwo\nthree\n' }] });
    expect(await bench.read(id, { tailLines: 2 })).toEqual(['stdout: two\nthree\n']);
    expect(await bench.read(id, { tailLines: 0 })).toEqual([]);
    expect(await bench.read(id, { since: new Date(Date.now() + 3_600_000) })).toEqual([]);
    expect(await bench.read(id, { since: new Date(0) })).toEqual(['stdout: one\ntwo\nthree\n']);
    const [stamped = ''] = await bench.read(id, { tailLines: 1, timestamps: true });
    expect(stamped).toMatch(/^stdout: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z three\n$/);
  });

  it('has one stream for a terminal', async () => {
    const id = await bench.finished({ steps: [{ stdout: 'out ' }, { stderr: 'err' }] }, { tty: true });
    expect(await bench.read(id)).toEqual(['stdout: out err']);
  });

  it('follows until the container ends', async () => {
    const id = await bench.started({ steps: [{ stdout: 'begin\n' }, { untilTerm: 0 }] });
    const following = bench.read(id, { follow: true });
    await firstOutput(bench, id);
    await bench.engine.stop(id, 20_000);
    expect(await following).toEqual(['stdout: begin\n']);
  });

  it('follows until the signal', async () => {
    const id = await bench.started({ steps: [{ stdout: 'begin\n' }, { untilTerm: 0 }] });
    const controller = new AbortController();
    const options = { follow: true, timestamps: false, stdout: true, stderr: true };
    const reason = new Error('enough');
    const reading = (async () => {
      for await (const _chunk of bench.engine.logs(id, options, controller.signal)) controller.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
  });

  it('has none of a container that does not exist', async () => {
    await expect(bench.read(`${bench.harness.run}-none`)).rejects.toEqual(failure('NotFound'));
  });
}

function execContract(bench: Bench): void {
  it('runs a command, with its output and exit code', async () => {
    const id = await bench.started(untilTerm);
    const program = { steps: [{ stdout: 'out' }, { stderr: 'err' }, { exit: 5 }] };
    expect(await bench.exec(id, program)).toEqual({ code: 5, stdout: 'out', stderr: 'err' });
    expect(await bench.exec(id, { steps: [] })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('passes stdin and its end', async () => {
    const id = await bench.started(untilTerm);
    const large = 'x'.repeat(1_000_000);
    const answer = await bench.exec(id, { steps: [{ cat: true }, { exit: 3 }] }, { input: ['hello ', large] });
    expect(answer.code).toBe(3);
    expect(answer.stdout === `hello ${large}`).toBe(true);
  });

  it('ends although its input does not', async () => {
    const id = await bench.started(untilTerm);
    const endless = (async function* (): AsyncGenerator<Uint8Array> {
      await new Promise(() => undefined);
      yield new Uint8Array(0);
    })();
    const io = { stdin: endless, stdout: async () => {}, stderr: async () => {}, resize: undefined };
    const command = bench.harness.command({ steps: [{ exit: 4 }] });
    const options = { command, tty: false, stdin: true, stdout: true, stderr: true };
    expect(await bench.engine.exec(id, options, io, new AbortController().signal)).toBe(4);
  });

  it('gives a terminal its size', async () => {
    const id = await bench.started(untilTerm);
    const resize = (async function* () {
      yield { width: 123, height: 45 };
      await new Promise(() => undefined);
    })();
    const answer = await bench.exec(id, { steps: [{ printSize: true }] }, { tty: true, resize });
    expect(answer).toEqual({ code: 0, stdout: '45 123\r\n', stderr: '' });
  });

  it('says why a command cannot be run', async () => {
    const id = await bench.started(untilTerm);
    const missing = bench.exec(id, { steps: [], startError: 'exec: "/no/such/program": no such file' });
    await expect(missing).rejects.toEqual(failure('InvalidSpec'));
    const created = await bench.create(untilTerm);
    await expect(bench.exec(created, { steps: [] })).rejects.toEqual(failure('Conflict'));
    await expect(bench.exec(`${bench.harness.run}-none`, { steps: [] })).rejects.toEqual(failure('NotFound'));
  });

  it('is given up by the signal', async () => {
    const id = await bench.started(untilTerm);
    const controller = new AbortController();
    const reason = new Error('timeout');
    const io: ProcessStreams = {
      stdin: undefined,
      stdout: async () => controller.abort(reason),
      stderr: async () => {},
      resize: undefined,
    };
    const command = bench.harness.command({ steps: [{ stdout: 'up' }, { ignoreTerm: true }] });
    const options = { command, tty: false, stdin: false, stdout: true, stderr: true };
    await expect(bench.engine.exec(id, options, io, controller.signal)).rejects.toBe(reason);
  });
}

function attachContract(bench: Bench): void {
  const all = { stdin: true, stdout: true, stderr: true };
  const gatherer = (stdin: AsyncIterable<Uint8Array> | undefined): ProcessStreams & { readonly out: () => string } => {
    let out = '';
    const gather = async (data: Uint8Array): Promise<void> => void (out += Buffer.from(data).toString());
    return { stdin, stdout: gather, stderr: gather, resize: undefined, out: () => out };
  };

  it('passes input to the process of the container, and its end where it is told to', async () => {
    const id = await bench.started({ steps: [{ cat: true }, { stderr: 'over' }] }, { stdin: true, stdinOnce: true });
    const io = gatherer(encoded(['one\n', 'x'.repeat(500_000)]));
    await bench.engine.attach(id, all, io, new AbortController().signal);
    expect(io.out() === `one\n${'x'.repeat(500_000)}over`).toBe(true);
  });

  it('keeps the input open where it is not told to end it, and the output too', async () => {
    const id = await bench.started({ steps: [{ cat: true }] }, { stdin: true });
    const first = gatherer(encoded(['one\n']));
    const controller = new AbortController();
    const seen = new Promise<void>((resolve) => {
      const { stdout } = first;
      Object.assign(first, { stdout: (data: Uint8Array) => stdout(data).then(resolve) });
    });
    const attached = bench.engine.attach(id, all, first, controller.signal);
    await seen;
    const reason = new Error('the client has gone');
    controller.abort(reason);
    await expect(attached).rejects.toBe(reason);
    expect((await bench.engine.inspect(id))?.status).toBe('running');
    const second = gatherer(undefined);
    const again = bench.engine.attach(id, { ...all, stdin: false }, second, new AbortController().signal);
    await bench.engine.stop(id, 0);
    await again;
    expect(first.out()).toBe('one\n');
  });

  it('needs a container that runs', async () => {
    const created = await bench.create(untilTerm);
    const attached = bench.engine.attach(created, all, gatherer(undefined), new AbortController().signal);
    await expect(attached).rejects.toEqual(failure('Conflict'));
  });
}
