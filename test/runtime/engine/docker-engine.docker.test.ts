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
