/** Decodes what an API server answered, so that everything behind it is typed. */
import { deepFreeze, isRecord } from '../../shared/deep.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { KubeObject, Persisted } from '../../types/meta.ts';
import type { WatchEvent } from '../apiserver/request.ts';
import { ApiFailure } from './api-client.ts';
import type { ClientWatchEvent, ListAnswer, ScaleAnswer } from './api-client.ts';

export function isKubeObject(value: unknown): value is KubeObject {
  return (
    isRecord(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string' && isMetadata(value)
  );
}

function isMetadata(value: Record<string, unknown>): boolean {
  return value['metadata'] === undefined || isRecord(value['metadata']);
}

/** Whether this is an object of the kind, as the server persists it. The server's own validation vouches for the rest of it. */
export function isPersisted<T extends KubeObject>(kind: KindDefinition<T>, value: unknown): value is Persisted<T> {
  return (
    isRecord(value) &&
    value['apiVersion'] === kind.apiVersion &&
    value['kind'] === kind.kind &&
    isRecord(value['metadata']) &&
    typeof value['metadata']['name'] === 'string'
  );
}

export function persisted<T extends KubeObject>(kind: KindDefinition<T>, value: unknown): Persisted<T> {
  if (isPersisted(kind, value)) return deepFreeze(value);
  const found = isRecord(value) ? `${String(value['apiVersion'])} ${String(value['kind'])}` : typeof value;
  throw new Error(`the API server answered ${found} where ${kind.apiVersion} ${kind.kind} was asked for`);
}

/** Items of a list leave out apiVersion and kind on the wire; they are given back here. */
export function listAnswer<T extends KubeObject>(kind: KindDefinition<T>, value: unknown): ListAnswer<T> {
  if (!isRecord(value) || !isRecord(value['metadata'])) {
    throw new Error(`the API server answered no list of ${kind.plural}`);
  }
  const items: unknown = value['items'] ?? [];
  if (!Array.isArray(items)) throw new Error(`the API server answered a list of ${kind.plural} without items`);
  const { resourceVersion, continue: next } = value['metadata'];
  return {
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    continue: typeof next === 'string' && next !== '' ? next : undefined,
    items: items.map((item: unknown) =>
      persisted(
        kind,
        isRecord(item) && item['kind'] === undefined ? { apiVersion: kind.apiVersion, kind: kind.kind, ...item } : item,
      ),
    ),
  };
}

export function scaleAnswer(value: unknown): ScaleAnswer {
  if (!isRecord(value) || value['kind'] !== 'Scale')
    throw new Error('the API server answered something that is no Scale');
  const { metadata, spec, status } = value;
  const field = (of: unknown, name: string): unknown => (isRecord(of) ? of[name] : undefined);
  const count = (of: unknown): number => {
    const replicas = field(of, 'replicas');
    return typeof replicas === 'number' ? replicas : 0;
  };
  const text = (of: unknown, name: string): string => {
    const found = field(of, name);
    return typeof found === 'string' ? found : '';
  };
  return {
    uid: text(metadata, 'uid'),
    resourceVersion: text(metadata, 'resourceVersion'),
    replicas: count(spec),
    currentReplicas: count(status),
    selector: text(status, 'selector'),
  };
}

/** @throws ApiFailure for an ERROR event */
export function watchEvent<T extends KubeObject>(kind: KindDefinition<T>, event: WatchEvent): ClientWatchEvent<T> {
  if (event.type === 'ERROR') throw failureOf(500, event.object);
  if (event.type === 'BOOKMARK') {
    return { type: 'BOOKMARK', resourceVersion: event.object.metadata.resourceVersion ?? '' };
  }
  return { type: event.type, object: persisted(kind, event.object) };
}

/** The refusal that a Status document tells of. `httpStatus` counts where the document has no code. */
export function failureOf(httpStatus: number, body: unknown): ApiFailure {
  if (!isRecord(body) || body['kind'] !== 'Status') {
    const text = typeof body === 'string' && body.trim() !== '' ? body.trim().slice(0, 1000) : `HTTP ${httpStatus}`;
    return new ApiFailure(httpStatus, '', text, undefined);
  }
  const { code, reason, message } = body;
  return new ApiFailure(
    typeof code === 'number' ? code : httpStatus,
    typeof reason === 'string' ? reason : '',
    typeof message === 'string' ? message : `HTTP ${httpStatus}`,
    isKubeObject(body) ? body : undefined,
  );
}

export function isFailure(error: unknown, ...reasons: readonly string[]): error is ApiFailure {
  return error instanceof ApiFailure && reasons.includes(error.reason);
}
