import { describe, expect, it } from 'vitest';
import { containerEngineContract } from '../../contract/container-engine.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SimulatedEngine } from '../../support/simulated-engine.ts';
import { simulatedCommand } from '../../support/simulated-program.ts';

containerEngineContract('simulated', async () => {
  const engine = new SimulatedEngine({ images: ['busybox:1.36'] });
  return {
    engine,
    image: 'busybox:1.36',
    run: 'sim',
    command: simulatedCommand,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
});

describe('SimulatedEngine', () => {
  const signal = new AbortController().signal;
  const spec = { name: 'a', image: 'web', labels: { app: 'web' }, network: 'disabled' } as const;

  it('pulls what was published, for those who may', async () => {
    const engine = new SimulatedEngine();
    const credentials = { username: 'me', password: 'secret', serverAddress: 'example.com' };
    await expect(engine.pull('web', undefined, signal)).rejects.toMatchObject({ reason: 'NotFound' });
    engine.publish('web');
    engine.secured.set('web', credentials);
    await expect(engine.pull('web', undefined, signal)).rejects.toMatchObject({ reason: 'Unauthorized' });
    await engine.pull('web', credentials, signal);
    expect((await engine.image('web:latest'))?.tags).toEqual(['web:latest']);
  });

  it('ends a container when its time has come, or when the test says so', async () => {
    const clock = new ManualClock();
    const engine = new SimulatedEngine({ clock, images: ['web'] });
    engine.program = () => ({ steps: [{ exit: 3 }], exitAfter: 5_000 });
    const id = await engine.create(spec);
    await engine.start(id);
    clock.advance(4_999);
    expect(await engine.inspect(id)).toMatchObject({ status: 'running' });
    clock.advance(1);
    expect(await engine.inspect(id)).toMatchObject({ status: 'exited', exitCode: 3 });
    await engine.start(id);
    engine.crash(id, 137, { oomKilled: true });
    expect(await engine.inspect(id)).toMatchObject({ status: 'exited', exitCode: 137, oomKilled: true });
    expect(engine.journal).toEqual(['create a', 'start a', 'start a']);
  });

  it('breaks down and comes back with a gap', async () => {
    const engine = new SimulatedEngine({ images: ['web'] });
    const events = engine.events({}, signal)[Symbol.asyncIterator]();
    await events.next();
    engine.breakDown();
    await expect(engine.create(spec)).rejects.toMatchObject({ reason: 'Unreachable' });
    engine.comeBack();
    expect((await events.next()).value).toMatchObject({ type: 'gap' });
    await events.return(undefined);
  });
});
