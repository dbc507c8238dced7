/** Waits for a state of the API on a watch. */
import type { ApiClient, ResourceClient } from '../../src/runtime/client/api-client.ts';
import { ApiFailure } from '../../src/runtime/client/api-client.ts';
import type { KindDefinition } from '../../src/types/define-kind.ts';
import type { KubeObject, Persisted } from '../../src/types/meta.ts';

const TIMEOUT = 180_000;

export interface Where {
  readonly namespace?: string;
  readonly name?: string;
  readonly labelSelector?: string;
}

/** The objects found there, once they are as wished. @throws Error with the last state when that takes too long */
export async function until<T extends KubeObject>(
  client: ApiClient,
  kind: KindDefinition<T>,
  where: Where,
  wished: (objects: readonly Persisted<T>[]) => boolean,
  timeout = TIMEOUT,
): Promise<readonly Persisted<T>[]> {
  const signal = AbortSignal.timeout(timeout);
  const objects = new Map<string, Persisted<T>>();
  const query = {
    ...(where.namespace === undefined ? {} : { namespace: where.namespace }),
    ...(where.labelSelector === undefined ? {} : { labelSelector: where.labelSelector }),
    ...(where.name === undefined ? {} : { fieldSelector: `metadata.name=${where.name}` }),
  };
  const resource = client.of(kind);
  while (!signal.aborted) {
    const found = await round(resource, query, objects, wished, signal);
    if (found) return found;
  }
  throw new Error(
    `${kind.plural} ${JSON.stringify(where)} are not as wished:\n${JSON.stringify([...objects.values()], (key: string, value: unknown) => (key === 'managedFields' ? undefined : value))}`,
  );
}

/** One list and the watch from there; undefined when the watch ended first. */
async function round<T extends KubeObject>(
  resource: ResourceClient<T>,
  query: { readonly namespace?: string },
  objects: Map<string, Persisted<T>>,
  wished: (objects: readonly Persisted<T>[]) => boolean,
  signal: AbortSignal,
): Promise<readonly Persisted<T>[] | undefined> {
  const { items, resourceVersion } = await resource.list(query, signal);
  objects.clear();
  for (const item of items) objects.set(item.metadata.uid, item);
  if (wished([...objects.values()])) return [...objects.values()];
  try {
    for await (const event of resource.watch({ ...query, resourceVersion }, signal)) {
      if (event.type === 'BOOKMARK') continue;
      if (event.type === 'DELETED') objects.delete(event.object.metadata.uid);
      else objects.set(event.object.metadata.uid, event.object);
      if (wished([...objects.values()])) return [...objects.values()];
    }
  } catch (error) {
    // Too old a version: list anew. A watch that is aborted ends either way.
    if (!(error instanceof ApiFailure) && !signal.aborted) throw error;
  }
  return undefined;
}
