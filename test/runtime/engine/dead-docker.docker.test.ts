/** Docker that is stopped, killed and started again while it is in use: a daemon of the test's own, for real. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../src/runtime/engine/container-engine.ts';
import { PAUSE_IMAGE, ensurePauseImage } from '../../../src/runtime/engine/pause-image.ts';
import { OwnDockerd } from '../../support/own-dockerd.ts';

const signal = new AbortController().signal;
const labels = { 'kubewright.dev/test': 'dead-docker' };
const spec = { image: PAUSE_IMAGE, labels, network: 'disabled', securityOptions: ['seccomp=unconfined'] } as const;

describe('a Docker that goes away', () => {
  let daemon: OwnDockerd;
  beforeAll(async () => {
    daemon = await OwnDockerd.start();
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  it('is named with the remedy, and found again when it is back', async () => {
    await using engine = daemon.engine();
    await ensurePauseImage(engine, signal);
    const controller = new AbortController();
    const events = engine.events(labels, controller.signal)[Symbol.asyncIterator]();
    expect(await next(events)).toMatchObject({ type: 'gap' });
    const id = await engine.create({ ...spec, name: 'before' });
    await engine.start(id);
    expect(await typesUntil(events, 'start')).toEqual(['create', 'start']);
    const following = drain(engine.logs(id, { ...everything, follow: true }, signal));
    const executing = engine.exec(id, { ...command, command: ['/pause'] }, silent, signal);
    const broken = Promise.all([expect(executing).rejects.toBeInstanceOf(Error), following]);

    await daemon.stop('SIGKILL');
    await broken;
    const remedy = {
      reason: 'Unreachable',
      message: expect.stringContaining('Start it ("sudo systemctl start docker"'),
    };
    await expect(engine.inspect(id)).rejects.toMatchObject(remedy);
    await expect(engine.create({ ...spec, name: 'meanwhile' })).rejects.toMatchObject({ reason: 'Unreachable' });
    await expect(engine.info(signal)).rejects.toMatchObject({ reason: 'Unreachable' });

    await daemon.startAgain();
    expect(await typesUntil(events, 'gap')).toContain('gap');
    expect((await engine.list(labels)).map((found) => found.id)).toEqual([id]);
    const after = await engine.create({ ...spec, name: 'after' });
    await engine.start(after);
    expect(await typesUntil(events, 'start')).toEqual(expect.arrayContaining(['start']));
    await Promise.all([engine.remove(id), engine.remove(after)]);
    controller.abort();
    // What has come already is still handed out.
    while ((await events.next()).done !== true);
  });
});

const everything = { timestamps: false, stdout: true, stderr: true } as const;
const command = { tty: false, stdin: false, stdout: true, stderr: true } as const;
const silent = { stdin: undefined, stdout: async () => {}, stderr: async () => {}, resize: undefined };

async function next(events: AsyncIterator<EngineEvent>): Promise<EngineEvent> {
  const { value, done } = await events.next();
  if (done === true) throw new Error('the events ended');
  return value;
}

async function typesUntil(events: AsyncIterator<EngineEvent>, last: EngineEvent['type']): Promise<readonly string[]> {
  const types: string[] = [];
  while (types.at(-1) !== last) types.push((await next(events)).type);
  return types;
}

/** Ends by itself or by an error: what matters is that it ends. */
async function drain(source: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _item of source);
  } catch (error) {
    expect(error).toMatchObject({ reason: 'Unreachable' });
  }
}
