import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BUSYBOX_IMAGE } from '../../../scripts/images-recipes.ts';
import type { ContainerEngine, ContainerSpec } from '../../../src/runtime/engine/container-engine.ts';
import { PAUSE_IMAGE, ensurePauseImage } from '../../../src/runtime/engine/pause-image.ts';
import { localDocker } from '../../support/docker.ts';

const signal = new AbortController().signal;
const run = `kwpause-${process.pid}`;
const labels = { 'kubewright.dev/test': run };

describe('the pause image', () => {
  let engine: ContainerEngine;
  beforeAll(async () => {
    engine = await localDocker();
  });
  afterEach(async () => {
    for (const { id } of await engine.list(labels)) await engine.remove(id);
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  const pause = (extra: Partial<ContainerSpec> = {}): Promise<string> =>
    engine.create({ name: `${run}-pause`, image: PAUSE_IMAGE, labels, network: 'disabled', ...extra });

  it('is built once', async () => {
    expect(await ensurePauseImage(engine, signal)).toBe(PAUSE_IMAGE);
    const first = await engine.image(PAUSE_IMAGE);
    expect(first).toMatchObject({ tags: expect.arrayContaining([PAUSE_IMAGE]), entrypoint: ['/pause'] });
    expect(first?.sizeBytes).toBeLessThan(1_000);
    await ensurePauseImage(engine, signal);
    expect((await engine.image(PAUSE_IMAGE))?.id).toBe(first?.id);
  });

  for (const name of ['SIGTERM', 'SIGINT']) {
    it(`ends with 0 on ${name}, at once`, async () => {
      const id = await pause();
      await engine.start(id);
      const controller = new AbortController();
      const events = engine.events(labels, controller.signal)[Symbol.asyncIterator]();
      await events.next();
      await engine.kill(id, name);
      while ((await events.next()).value?.type !== 'die');
      controller.abort();
      expect(await engine.inspect(id)).toMatchObject({ status: 'exited', exitCode: 0 });
    });
  }

  it('stops within its grace', async () => {
    const id = await pause();
    await engine.start(id);
    await engine.stop(id, 20_000);
    // 137 would tell of a SIGKILL after the grace.
    expect(await engine.inspect(id)).toMatchObject({ status: 'exited', exitCode: 0 });
  });

  it('holds the namespaces of others and reaps what they leave to process 1', async () => {
    const sandbox = await pause({ ipc: 'shareable', hostname: 'my-pod', securityOptions: ['seccomp=unconfined'] });
    await engine.start(sandbox);
    const member = await engine.create({
      name: `${run}-member`,
      image: BUSYBOX_IMAGE,
      labels,
      command: ['sleep', '1000000'],
      network: { container: sandbox },
      ipc: { container: sandbox },
      pid: { container: sandbox },
    });
    await engine.start(member);
    let output = '';
    const io = {
      stdin: undefined,
      stdout: async (data: Uint8Array) => void (output += Buffer.from(data).toString()),
      stderr: async (data: Uint8Array) => void (output += Buffer.from(data).toString()),
      resize: undefined,
    };
    // The subshell ends before its child, which thereby becomes an orphan of process 1.
    const orphan = '(sleep 0.05 &); while ps -o args | grep -q "^sleep 0.05"; do :; done';
    const reaped = 'for i in 1 2 3 4 5 6 7 8 9; do ps -o stat | grep -q "^Z" || break; done';
    const result = 'hostname; ps -o stat | grep -c "^Z"; ps -o pid,args | grep -c "^ *1 /pause"';
    const options = { command: ['sh', '-c', `${orphan}; ${reaped}; ${result}`], ...streams };
    expect(await engine.exec(member, options, io, signal)).toBe(0);
    expect(output).toBe('my-pod\n0\n1\n');
  });
});

const streams = { tty: false, stdin: false, stdout: true, stderr: true } as const;
