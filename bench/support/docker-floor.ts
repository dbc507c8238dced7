/** The time that Docker's bare API takes for the containers of pods, made the fastest way known: the floor of a pod's start. */
import { Agent, request } from 'node:http';
import { cpus } from 'node:os';
import { BUSYBOX_IMAGE } from '../../scripts/images-recipes.ts';
import { dockerSocketPath } from '../../src/runtime/engine/docker/docker-address.ts';
import { PAUSE_IMAGE } from '../../src/runtime/engine/pause-image.ts';
import { isRecord } from '../../src/shared/deep.ts';

/** The container that a measured pod runs. It ends at once when it is told to. */
export const program = { image: BUSYBOX_IMAGE, command: ['sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait'] };
const unconfined = ['seccomp=unconfined'];

export interface FloorTimes {
  /** Milliseconds. */
  readonly start: number;
  readonly removal: number;
}

function docker(agent: Agent, method: string, path: string, body?: unknown): Promise<unknown> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const socketPath = dockerSocketPath(process.env);
    const outgoing = request({ agent, socketPath, method, path: `/v1.41${path}`, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString('utf8');
        if ((response.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${answer}`));
        else resolve(answer === '' ? undefined : JSON.parse(answer));
      });
    });
    outgoing.once('error', reject);
    outgoing.end(text);
  });
}

async function create(agent: Agent, container: object): Promise<string> {
  const answer = await docker(agent, 'POST', '/containers/create', container);
  if (!isRecord(answer) || typeof answer['Id'] !== 'string') throw new Error('Docker created no container');
  return answer['Id'];
}

/** The app container is created while the pause container starts. */
async function startPair(agent: Agent): Promise<readonly string[]> {
  const pause = await create(agent, {
    Image: PAUSE_IMAGE,
    NetworkDisabled: true,
    HostConfig: { NetworkMode: 'none', IpcMode: 'shareable', SecurityOpt: unconfined },
  });
  const [, app] = await Promise.all([
    docker(agent, 'POST', `/containers/${pause}/start`),
    create(agent, {
      Image: program.image,
      Entrypoint: program.command,
      HostConfig: { NetworkMode: `container:${pause}`, IpcMode: `container:${pause}`, SecurityOpt: unconfined },
    }),
  ]);
  await docker(agent, 'POST', `/containers/${app}/start`);
  return [app, pause];
}

async function inParallel<T>(width: number, items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

export async function dockerFloor(pods: number): Promise<FloorTimes> {
  const agent = new Agent({ keepAlive: true });
  const width = 2 * cpus().length;
  const containers: string[] = [];
  const begin = performance.now();
  await inParallel(
    width,
    Array.from({ length: pods }, (_, index) => index),
    async () => {
      containers.push(...(await startPair(agent)));
    },
  );
  const started = performance.now();
  await inParallel(width, containers, async (id) => {
    await docker(agent, 'DELETE', `/containers/${id}?force=true`);
  });
  agent.destroy();
  return { start: started - begin, removal: performance.now() - started };
}
