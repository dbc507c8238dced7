/** Docker's JSON -> the engine's terms. A field that is missing or of another type reads as its empty value. */
import { isRecord } from '../../../shared/deep.ts';
import type {
  ContainerState,
  ContainerSummary,
  EngineEvent,
  EngineInfo,
  ImageInfo,
  Labels,
} from '../container-engine.ts';

const statuses = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const;
const eventTypes = ['create', 'start', 'die', 'oom', 'destroy', 'stop', 'kill', 'pause', 'unpause'] as const;
/** What Docker adds to a container's labels in the attributes of an event. */
const attributesOfEvents: ReadonlySet<string> = new Set(['image', 'name', 'exitCode', 'signal', 'execDuration']);

export const watchedEvents: readonly string[] = eventTypes;

export function child(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

export function text(value: unknown, key: string): string {
  const field = child(value, key);
  return typeof field === 'string' ? field : '';
}

export function whole(value: unknown, key: string): number {
  const field = child(value, key);
  return typeof field === 'number' && Number.isFinite(field) ? field : 0;
}

export function texts(value: unknown, key: string): readonly string[] {
  const field = child(value, key);
  return Array.isArray(field) ? field.filter((item): item is string => typeof item === 'string') : [];
}

export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function labelsOf(value: unknown): Labels {
  if (!isRecord(value)) return {};
  const labels: Record<string, string> = {};
  for (const [key, label] of Object.entries(value)) if (typeof label === 'string') labels[key] = label;
  return labels;
}

/** Docker writes the year 1 for "never". */
function date(value: unknown, key: string): Date | undefined {
  const parsed = new Date(text(value, key));
  return Number.isNaN(parsed.getTime()) || parsed.getUTCFullYear() <= 1 ? undefined : parsed;
}

function status(value: unknown, key: string): ContainerState['status'] {
  const word = text(value, key);
  return statuses.find((known) => known === word) ?? 'dead';
}

export function decodeState(value: unknown): ContainerState {
  const state = child(value, 'State');
  const config = child(value, 'Config');
  return {
    id: text(value, 'Id'),
    name: text(value, 'Name').replace(/^\//, ''),
    labels: labelsOf(child(config, 'Labels')),
    status: status(state, 'Status'),
    pid: whole(state, 'Pid'),
    exitCode: whole(state, 'ExitCode'),
    oomKilled: child(state, 'OOMKilled') === true,
    error: text(state, 'Error'),
    createdAt: date(value, 'Created') ?? new Date(0),
    startedAt: date(state, 'StartedAt'),
    finishedAt: date(state, 'FinishedAt'),
    image: text(config, 'Image'),
    imageId: text(value, 'Image'),
    logPath: text(value, 'LogPath') || undefined,
  };
}

export function decodeSummary(value: unknown): ContainerSummary {
  return {
    id: text(value, 'Id'),
    // A linked container has further names with more slashes; its own has one.
    name: (texts(value, 'Names').find((name) => name.lastIndexOf('/') === 0) ?? '').slice(1),
    labels: labelsOf(child(value, 'Labels')),
    state: status(value, 'State'),
  };
}

/** Undefined for a message that is not an event of a container. */
export function decodeEvent(value: unknown): EngineEvent | undefined {
  const action = text(value, 'Action');
  const type = eventTypes.find((known) => known === action);
  const actor = child(value, 'Actor');
  if (!type || text(value, 'Type') !== 'container') return undefined;
  const attributes = Object.entries(labelsOf(child(actor, 'Attributes')));
  return {
    type,
    id: text(actor, 'ID'),
    labels: Object.fromEntries(attributes.filter(([key]) => !attributesOfEvents.has(key))),
    time: new Date(whole(value, 'timeNano') / 1e6),
  };
}

/** Of `GET /images/NAME/json`; API 1.50 and later leave empty fields of the configuration out. */
export function decodeImage(value: unknown): ImageInfo {
  const config = child(value, 'Config');
  return {
    ...decodeImageSummary(value),
    user: text(config, 'User'),
    entrypoint: texts(config, 'Entrypoint'),
    command: texts(config, 'Cmd'),
    workingDir: text(config, 'WorkingDir'),
    env: texts(config, 'Env'),
  };
}

/** Of `GET /images/json`, which tells nothing of the configuration. */
export function decodeImageSummary(value: unknown): ImageInfo {
  return {
    id: text(value, 'Id'),
    tags: texts(value, 'RepoTags').filter((tag) => tag !== '<none>:<none>'),
    digests: texts(value, 'RepoDigests').filter((digest) => digest !== '<none>@<none>'),
    sizeBytes: whole(value, 'Size'),
    user: '',
    entrypoint: [],
    command: [],
    workingDir: '',
    env: [],
  };
}

export function decodeInfo(value: unknown, apiVersion: string): EngineInfo {
  return {
    name: text(value, 'Name'),
    version: text(value, 'ServerVersion'),
    apiVersion,
    operatingSystem: text(value, 'OperatingSystem'),
    kernelVersion: text(value, 'KernelVersion'),
    architecture: text(value, 'Architecture'),
    cpus: whole(value, 'NCPU'),
    memoryBytes: whole(value, 'MemTotal'),
    cgroupDriver: text(value, 'CgroupDriver') === 'systemd' ? 'systemd' : 'cgroupfs',
    cgroupVersion: text(value, 'CgroupVersion') === '2' ? '2' : '1',
    rootDir: text(value, 'DockerRootDir'),
  };
}
