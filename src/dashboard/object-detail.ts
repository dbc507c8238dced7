/** One object as its page shows it. */
import type { ApiClient } from '../runtime/client/api-client.ts';
import { isRecord } from '../shared/deep.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import { Event } from '../types/kinds/core/event.ts';
import type { KubeObject, ObjectKey, Persisted } from '../types/meta.ts';
import { writeYaml } from '../types/yaml/write.ts';
import type { EventLine, ObjectDetail } from './messages.ts';

const masked = '••••••';

/** Without managedFields, which nobody reads, and without a Secret's values unless they are asked for. */
function shown(object: Persisted, reveal: boolean): KubeObject {
  const { apiVersion, kind, metadata: all, ...fields } = object;
  const { managedFields: _managers, ...metadata } = all;
  const rest: Record<string, unknown> = { ...fields };
  if (object.kind === 'Secret' && !reveal && isRecord(rest['data']))
    rest['data'] = Object.fromEntries(Object.keys(rest['data']).map((key) => [key, masked]));
  const { status, ...before } = rest;
  // As people write it: what it is first, how it does last.
  return { apiVersion, kind, metadata, ...before, ...(status === undefined ? {} : { status }) };
}

async function eventsOf(client: ApiClient, object: Persisted): Promise<readonly EventLine[]> {
  const { namespace, uid } = object.metadata;
  const { items } = await client.of(Event).list({
    ...(namespace === undefined ? {} : { namespace }),
    fieldSelector: `involvedObject.uid=${uid}`,
  });
  return items
    .map((event) => ({
      type: event.type ?? '',
      reason: event.reason ?? '',
      message: event.message ?? '',
      time: event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '',
      count: event.series?.count ?? event.count ?? 1,
    }))
    .sort((a, b) => (a.time < b.time ? 1 : -1));
}

function containersOf(object: Persisted): readonly string[] {
  const spec: unknown = 'spec' in object ? object.spec : undefined;
  if (object.kind !== 'Pod' || !isRecord(spec)) return [];
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) => {
    const containers: unknown = spec[list];
    if (!Array.isArray(containers)) return [];
    return containers.flatMap((container: unknown) =>
      isRecord(container) && typeof container['name'] === 'string' ? [container['name']] : [],
    );
  });
}

/** Undefined where there is no such object (any more). */
export async function objectDetail(
  client: ApiClient,
  kind: KindDefinition,
  key: ObjectKey,
  reveal: boolean,
): Promise<ObjectDetail | undefined> {
  const object = await client.of(kind).get(key);
  if (!object) return undefined;
  const [yaml, events] = [writeYaml(shown(object, reveal)), await eventsOf(client, object)];
  return { yaml, events, containers: containersOf(object) };
}
