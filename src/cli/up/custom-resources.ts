/** A definition of custom resources is of use to the objects behind it once the server serves its paths. */
import { isRecord } from '../../shared/deep.ts';
import { sleep, systemClock } from '../../shared/clock.ts';
import type { Milliseconds } from '../../shared/clock.ts';
import type { Persisted } from '../../types/meta.ts';
import { Exit } from '../command.ts';
import type { Connection } from '../connection.ts';

/** API servers publish a definition about a second after they accepted it. */
const patience: Milliseconds = 30_000;
const pause: Milliseconds = 100;

function servedVersions(definition: Persisted): readonly { readonly path: string; readonly plural: string }[] {
  const spec: unknown = 'spec' in definition ? definition.spec : undefined;
  if (!isRecord(spec) || !isRecord(spec['names']) || !Array.isArray(spec['versions'])) return [];
  const { group } = spec;
  const plural = spec['names']['plural'];
  if (typeof group !== 'string' || typeof plural !== 'string') return [];
  return spec['versions'].flatMap((version: unknown) =>
    isRecord(version) && version['served'] === true && typeof version['name'] === 'string'
      ? [{ path: `/apis/${group}/${version['name']}`, plural }]
      : [],
  );
}

/**
 * Returns at once for anything but a CustomResourceDefinition.
 * @throws Exit when the server does not serve it within 30 seconds, with what the definition's conditions say
 */
export async function untilServed(connection: Connection, object: Persisted, signal: AbortSignal): Promise<void> {
  if (object.kind !== 'CustomResourceDefinition') return;
  const deadline = systemClock.monotonic() + patience;
  for (const { path, plural } of servedVersions(object)) {
    for (;;) {
      const { status, body } = await connection.http.fetch(
        { method: 'GET', path, headers: { accept: 'application/json' } },
        signal,
      );
      if (status === 200 && lists(body, plural)) break;
      if (systemClock.monotonic() > deadline)
        throw new Exit(1, `${object.metadata.name}: the server does not serve ${path}/${plural}; see its conditions`);
      await sleep(systemClock, pause, signal);
    }
  }
}

function lists(body: string, plural: string): boolean {
  const answer: unknown = JSON.parse(body);
  const resources: unknown = isRecord(answer) ? answer['resources'] : undefined;
  return Array.isArray(resources) && resources.some((resource) => isRecord(resource) && resource['name'] === plural);
}
