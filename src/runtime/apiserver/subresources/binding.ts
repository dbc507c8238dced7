import { isRecord } from '../../../shared/deep.ts';
import { fieldOf, isDraftOfKind, textOf } from '../fields.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { timestamp } from '../object-lifecycle.ts';
import { objectAnswer, writeContext } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { copyOf } from '../resource-storage.ts';
import { writeParameters } from '../request-options.ts';
import { ApiError, badRequest, conflict, notFound } from '../status-error.ts';
import type { Subresource } from './subresource.ts';

export const binding: Subresource = {
  name: 'binding',
  document: { group: '', version: 'v1', kind: 'Binding' },
  verbs: { create: (context) => bindPod(context) },
};

/** Gives a pod its node. The scheduler's only way to write it, and possible once. */
export async function bindPod(context: RequestContext): Promise<Answer> {
  const { request, key, storage, kind, parts } = context;
  const parameters = writeParameters(request, 'CreateOptions');
  const { body } = request;
  if (!isRecord(body)) throw badRequest('the object provided is unrecognized (must be of type Binding)');
  const name = textOf(body, 'metadata', 'name');
  if (name !== '' && name !== key.name) throw badRequest('name in URL does not match name in Binding object');
  const node = targetOf(body);
  await storage.update(
    key,
    (current) => {
      if (!current) throw notFound(kind, key.name);
      const draft = copyOf(current.object);
      delete draft.metadata.resourceVersion;
      if (!isDraftOfKind(Pod, draft) || !draft.spec) throw badRequest('only pods can be bound to a node');
      const uid = textOf(body, 'metadata', 'uid');
      if (uid !== '' && uid !== draft.metadata.uid) {
        throw conflict(
          { group: '', plural: 'pods/binding' },
          key.name,
          `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${draft.metadata.uid ?? ''}`,
        );
      }
      const refused = refusal(draft.metadata.deletionTimestamp, draft.spec.nodeName, key.name, node);
      if (refused !== undefined) throw conflict({ group: '', plural: 'pods/binding' }, key.name, refused);
      draft.spec.nodeName = node;
      const annotations = fieldOf(body, 'metadata', 'annotations');
      if (isRecord(annotations)) {
        draft.metadata.annotations = { ...draft.metadata.annotations };
        for (const [annotation, value] of Object.entries(annotations))
          draft.metadata.annotations[annotation] = String(value);
      }
      const now = timestamp(parts.clock.now());
      const others = (draft.status?.conditions ?? []).filter((condition) => condition.type !== 'PodScheduled');
      const seen = { observedGeneration: draft.metadata.generation };
      const scheduled = { type: 'PodScheduled', ...seen, status: 'True', lastTransitionTime: now };
      // Room is no longer kept for it: it has a node (KEP-5278).
      const { nominatedNodeName: _, ...status } = draft.status ?? {};
      draft.status = { ...status, conditions: [...others, scheduled] };
      return { draft: copyOf(draft), tracked: true };
    },
    writeContext(context, parameters),
  );
  return objectAnswer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, ...{ status: 'Success', code: 201 } });
}

function refusal(
  deleted: string | undefined,
  assigned: string | undefined,
  pod: string,
  node: string,
): string | undefined {
  if (deleted !== undefined) return `pod ${pod} is being deleted, cannot be assigned to a host`;
  if (assigned === undefined || assigned === '') return undefined;
  return `pod ${pod} is already assigned to node ${JSON.stringify(assigned)}${assigned === node ? '' : `, not to ${JSON.stringify(node)}`}`;
}

function targetOf(body: unknown): string {
  const kind = textOf(body, 'target', 'kind');
  const name = textOf(body, 'target', 'name');
  if (kind !== '' && kind !== 'Node') {
    throw new ApiError(
      'BadRequest',
      `target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`,
    );
  }
  if (name === '') throw badRequest('target.name: Required value');
  return name;
}
