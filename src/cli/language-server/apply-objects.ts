/** Applies what stands in an editor to the local cluster. */
import { isCandidate } from '../../compiler/check.ts';
import { titleOf } from '../../compiler/manifest-set.ts';
import type { ApplyOutcome } from '../../lsp/local-cluster.ts';
import { isRecord } from '../../shared/deep.ts';
import { builtInKinds } from '../../types/kinds/index.ts';
import type { KubeObject } from '../../types/meta.ts';
import { Registry } from '../../types/registry.ts';
import { Exit } from '../command.ts';
import { connect } from '../connection.ts';
import { applyOne } from '../up/apply.ts';
import type { ClusterAddress } from './live-cluster.ts';

function isKubeObject(value: object): value is KubeObject {
  return isCandidate(value) && isRecord(value.metadata);
}

export async function applyObjects(
  address: ClusterAddress,
  objects: readonly object[],
): Promise<readonly ApplyOutcome[]> {
  const registry = new Registry(builtInKinds);
  using connection = await connect(address, new AbortController().signal);
  const outcomes: ApplyOutcome[] = [];
  for (const object of objects) {
    if (!isKubeObject(object)) {
      outcomes.push({ title: 'object', failure: 'it has no apiVersion, kind and metadata' });
      continue;
    }
    const title = titleOf(object);
    const manifest = { object, kind: registry.kind(object.apiVersion, object.kind), place: () => undefined };
    try {
      await applyOne(connection, registry, manifest, { force: true });
      outcomes.push({ title, failure: undefined });
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      outcomes.push({ title, failure: error.message });
    }
  }
  return outcomes;
}
