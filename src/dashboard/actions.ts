/** What the page may do to an object, each as kubectl does it. */
import type { ApiClient } from '../runtime/client/api-client.ts';
import { isRecord } from '../shared/deep.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import type { ActionName, ActionRequest } from './messages.ts';
import { actionsOf } from './watched-kinds.ts';

const names: readonly ActionName[] = ['delete', 'restart', 'scale'];
const mostReplicas = 1000;

/** Undefined for what is no request. */
export function actionRequest(value: unknown): ActionRequest | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, namespace, name, replicas } = value;
  const action = names.find((known) => known === value['action']);
  if (action === undefined || typeof kind !== 'string' || typeof namespace !== 'string' || typeof name !== 'string')
    return undefined;
  if (name === '') return undefined;
  if (action !== 'scale') return { action, kind, namespace, name };
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0 || replicas > mostReplicas)
    return undefined;
  return { action, kind, namespace, name, replicas };
}

/** @throws ApiFailure with the server's reason; Error for an action that the kind does not have */
export async function act(client: ApiClient, kind: KindDefinition, request: ActionRequest, now: Date): Promise<void> {
  const { action, namespace, name, replicas = 0 } = request;
  if (!actionsOf(kind).includes(action)) throw new Error(`there is no ${action} for ${kind.plural}`);
  const resource = client.of(kind);
  const key = { namespace, name };
  if (action === 'delete') await resource.delete(key, { propagationPolicy: 'Background' });
  else if (action === 'scale') await resource.patch(key, { type: 'merge', patch: { spec: { replicas } } });
  else {
    // The annotation that `kubectl rollout restart` sets: a new pod template, hence new pods.
    const annotations = { 'kubectl.kubernetes.io/restartedAt': now.toISOString() };
    await resource.patch(key, {
      type: 'strategic',
      patch: { spec: { template: { metadata: { annotations } } } },
    });
  }
}
