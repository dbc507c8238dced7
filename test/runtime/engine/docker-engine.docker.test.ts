import { describe, expect, it } from 'vitest';
import { containerEngineContract } from '../../contract/container-engine.ts';
import { BUSYBOX_IMAGE } from '../../../scripts/images-recipes.ts';
import { localDocker } from '../../support/docker.ts';
import { shellCommand } from '../../support/docker-program.ts';

containerEngineContract('Docker', async () => {
  const engine = await localDocker();
  return {
    engine,
    image: BUSYBOX_IMAGE,
    run: `kwtest-${process.pid}`,
    command: shellCommand,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
});

describe('an exec of Docker that is given up', () => {
  it('leaves no process behind', async () => {
    await using engine = await localDocker();
    const name = `kwgiveup-${process.pid}`;
    const base = { image: BUSYBOX_IMAGE, labels: {}, network: 'disabled' } as const;
    const id = await engine.create({ ...base, name, command: ['sleep', '1000000'] });
    try {
      await engine.start(id);
      const controller = new AbortController();
      const options = { tty: false, stdin: false, stdout: true, stderr: true } as const;
      const io = {
        stdin: undefined,
        stdout: async () => controller.abort(),
        stderr: async () => {},
        resize: undefined,
      };
      const forever = ['sh', '-c', 'echo up; exec sleep 2000000'];
      await expect(engine.exec(id, { ...options, command: forever }, io, controller.signal)).rejects.toThrow();
      // Ends with 0 once the process is gone; the test's own time limit ends it otherwise.
      const gone = ['sh', '-c', 'while pgrep -f "^sleep 2000000" >/dev/null; do sleep 0.02; done'];
      const silent = { ...io, stdout: async () => {} };
      expect(await engine.exec(id, { ...options, command: gone }, silent, new AbortController().signal)).toBe(0);
    } finally {
      await engine.remove(id);
    }
  });
});
