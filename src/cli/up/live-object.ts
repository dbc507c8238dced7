/** The object that stands on the server under the name of a manifest's. */
import type { Registry } from '../../types/registry.ts';
import type { KubeObject, Persisted } from '../../types/meta.ts';
import type { Connection } from '../connection.ts';
import { kindOnServer } from '../connection.ts';

/** Undefined where there is none, or not even its kind. */
export async function liveObject(
  connection: Connection,
  registry: Registry,
  object: KubeObject,
  namespace: string | undefined,
): Promise<Persisted | undefined> {
  const kind = await kindOnServer(connection, registry, object);
  const { name } = object.metadata;
  if (!kind || name === undefined) return undefined;
  const space = kind.scope === 'Cluster' ? '' : (object.metadata.namespace ?? namespace ?? connection.namespace);
  return connection.http.client.of(kind).get({ namespace: space, name });
}
