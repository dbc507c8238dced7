/** Makes and starts one container of a pod. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../shared/error-code.ts';
import type { Container, Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import { EngineError, type ContainerId } from '../engine/container-engine.ts';
import { containerDevices, containerMounts } from './container-mounts.ts';
import { containerSpec } from './container-spec.ts';
import { environmentOf, type Environment, type EnvironmentInput } from './environment.ts';
import { ImageError } from './images.ts';
import { tellOf, type KubeletContext } from './kubelet-context.ts';
import { runHook, unlessAborted } from './lifecycle-hooks.ts';
import { ContainerConfigError, needsPodAddress, type PodPlace } from './pod-fields.ts';
import type { StartAction, Waiting } from './pod-plan.ts';
import { environmentNames } from './pod-sources.ts';
import { createAnew, podFiles, type Sandbox } from './sandbox.ts';

/** Why a container does not run, as its status says it. */
export class StartFailure extends Error {
  constructor(
    readonly waiting: Waiting,
    /** Milliseconds until the next try; undefined when the run that failed is what is counted. */
    readonly retryAfter: number | undefined,
    options: ErrorOptions,
  ) {
    super(waiting.message, options);
  }
}

/** What a start tells as it goes on. */
export interface StartReports {
  /** As soon as the container is there. */
  made(id: string): void;
  /** Once its start has succeeded or failed. */
  started(id: string): void;
}

export interface StartOrder extends StartReports {
  readonly pod: Pod;
  readonly action: StartAction;
  readonly sandbox: Sandbox;
  readonly volumes: Promise<ReadonlyMap<string, string>>;
  readonly terminationLog: string;
  /** The container whose processes an ephemeral container shares. */
  readonly target: ContainerId | undefined;
  /** Told before the start of a container with a postStart hook: until the hook has ended it does not count as started. */
  held(id: ContainerId, held: boolean): void;
}

/** As the kubelet's pod workers: a failure that nothing announces the end of is tried again after ten seconds. */
const CONFIG_RETRY = 10_000;

/**
 * @throws StartFailure; failures of sandbox and volumes, which concern the whole pod, are thrown as they are
 */
export async function startContainer(context: KubeletContext, order: StartOrder, signal: AbortSignal): Promise<void> {
  const { action } = order;
  const id = await makeContainer(context, order, signal);
  order.made(id);
  const hooked = action.container.lifecycle?.postStart !== undefined;
  if (hooked) order.held(id, true);
  try {
    await runContainer(context, order, id, signal);
  } finally {
    if (hooked) order.held(id, false);
  }
}

async function runContainer(
  context: KubeletContext,
  order: StartOrder,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { pod, action, sandbox } = order;
  const tell = tellOf(context, pod, action.container, action.role);
  await sandbox.address;
  signal.throwIfAborted();
  try {
    await context.gate.run(() => context.engine.start(id), true);
  } catch (error) {
    if (!(error instanceof EngineError) || error.reason === 'Unreachable') throw error;
    tell('Warning', 'Failed', `Error: failed to start container "${action.container.name}": ${error.message}`);
    throw new StartFailure({ reason: 'RunContainerError', message: error.message }, undefined, { cause: error });
  } finally {
    order.started(id);
  }
  tell('Normal', 'Started', 'Container started');
  await afterStart(context, order, id, signal);
}

async function makeContainer(context: KubeletContext, order: StartOrder, signal: AbortSignal): Promise<string> {
  const { pod, action, sandbox, terminationLog } = order;
  const { container } = action;
  const tell = tellOf(context, pod, container, action.role);
  // Begun before waiting: what these three read and fetch is independent.
  const image = context.images.ensure(pod, container, tell, signal);
  const inputs = readInputs(context, pod, container);
  image.catch(() => undefined);
  inputs.catch(() => undefined);
  // Failures of these are the pod's, not the container's.
  const [volumes, sandboxId] = await Promise.all([order.volumes, sandbox.id]);
  const podIp = needsPodAddress(container) ? await sandbox.address : undefined;
  try {
    const environment = await environmentFor(context, order, await inputs, volumes, podIp);
    for (const text of environment.skipped) tell('Warning', 'InvalidEnvironmentVariableNames', text);
    const { variables } = environment;
    const files = podFiles(context, pod);
    const readOnlyVolumes = readOnlyVolumesOf(pod);
    const mounts = await containerMounts({
      ...{ container, volumes, readOnlyVolumes, variables },
      ...{ podFiles: files, terminationLog },
    });
    const seccompProfile = await readSeccompProfile(context, pod, container);
    const devices = containerDevices({ container, volumes, readOnlyVolumes });
    const { own, machine } = context;
    const { attempt } = action;
    const common = { pod, container, own, attempt, sandboxId, machine, seccompProfile, target: order.target };
    const spec = containerSpec({ ...common, image: await image, variables, mounts, devices });
    if (action.stale !== undefined) await context.engine.remove(action.stale);
    signal.throwIfAborted();
    const id = await createAnew(context, { ...spec, image: container.image ?? spec.image });
    tell('Normal', 'Created', `Container created`);
    return id;
  } catch (error) {
    throw startFailure(error, tell);
  }
}

function readOnlyVolumesOf({ spec }: Pod): ReadonlySet<string> {
  const volumes = (spec?.volumes ?? []).filter(({ persistentVolumeClaim }) => persistentVolumeClaim?.readOnly === true);
  return new Set(volumes.map(({ name }) => name));
}

function startFailure(error: unknown, tell: ReturnType<typeof tellOf>): unknown {
  if (error instanceof ImageError) {
    tell('Warning', 'Failed', `Error: ${error.reason}`);
    return new StartFailure({ reason: error.reason, message: error.message }, error.retryAfter ?? CONFIG_RETRY, {
      cause: error,
    });
  }
  if (error instanceof ContainerConfigError) {
    tell('Warning', 'Failed', `Error: ${error.message}`);
    return new StartFailure({ reason: error.reason, message: error.message }, CONFIG_RETRY, { cause: error });
  }
  if (error instanceof EngineError && error.reason !== 'Unreachable') {
    tell('Warning', 'Failed', `Error: ${error.message}`);
    const waiting = { reason: 'CreateContainerError', message: error.message };
    return new StartFailure(waiting, CONFIG_RETRY, { cause: error });
  }
  return error;
}

type Inputs = Pick<EnvironmentInput, 'configMaps' | 'secrets' | 'services'>;

async function readInputs(context: KubeletContext, pod: Pod, container: Container): Promise<Inputs> {
  const { sources } = context;
  const namespace = pod.metadata.namespace ?? '';
  const names = environmentNames(container);
  const [configMaps, secrets, services] = await Promise.all([
    Promise.all([...names.configMaps].map(async (name) => [name, await sources.configMap(namespace, name)] as const)),
    Promise.all([...names.secrets].map(async (name) => [name, await sources.secret(namespace, name)] as const)),
    sources.services(namespace, pod.spec?.enableServiceLinks !== false),
  ]);
  return { configMaps: present(configMaps), secrets: present(secrets), services };
}

function present<T>(entries: readonly (readonly [string, T | undefined])[]): ReadonlyMap<string, T> {
  return new Map(entries.flatMap(([name, object]) => (object === undefined ? [] : [[name, object] as const])));
}

async function environmentFor(
  context: KubeletContext,
  { pod, action }: StartOrder,
  inputs: Inputs,
  volumes: ReadonlyMap<string, string>,
  podIp: string | undefined,
): Promise<Environment> {
  const files = new Map<string, string>();
  for (const { valueFrom } of action.container.env ?? []) {
    const reference = valueFrom?.fileKeyRef;
    const folder = volumes.get(reference?.volumeName ?? '');
    if (!reference || folder === undefined || reference.path.split('/').includes('..')) continue;
    const text = await readOptional(join(folder, reference.path));
    if (text !== undefined) files.set(`${reference.volumeName}/${reference.path}`, text);
  }
  const place = placeOf(context, podIp);
  return environmentOf({ pod, container: action.container, place, files, ...inputs });
}

export function placeOf(context: KubeletContext, podIp: string | undefined): PodPlace {
  return { podIp, hostIp: context.network.gateway, allocatable: context.allocatable };
}

async function readSeccompProfile(
  context: KubeletContext,
  pod: Pod,
  container: Container,
): Promise<string | undefined> {
  const profile = container.securityContext?.seccompProfile ?? pod.spec?.securityContext?.seccompProfile;
  if (profile?.type !== 'Localhost') return undefined;
  const text = await readOptional(join(context.seccompFolder, profile.localhostProfile ?? ''));
  if (text !== undefined) return text;
  throw new ContainerConfigError(
    `seccomp profile ${profile.localhostProfile ?? ''} not found in ${context.seccompFolder}`,
  );
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function afterStart(context: KubeletContext, order: StartOrder, id: string, signal: AbortSignal): Promise<void> {
  const { pod, action, sandbox } = order;
  const { container } = action;
  const hook = container.lifecycle?.postStart;
  if (!hook) return;
  const grace = (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  const target = { container, containerId: id, address: await sandbox.address };
  const complaint = await unlessAborted(runHook(hook, target, Math.max(grace, 30_000), context, signal), signal);
  // A hook that the pod's own end has cut short is no failure.
  if (complaint === undefined || signal.aborted) return;
  const tell = tellOf(context, pod, container, action.role);
  tell('Warning', 'FailedPostStartHook', `PostStartHook failed: ${complaint}`);
  tell('Normal', 'Killing', 'FailedPostStartHook');
  await context.engine.stop(id, grace);
}
