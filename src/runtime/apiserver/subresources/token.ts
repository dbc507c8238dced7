import { isRecord } from '../../../shared/deep.ts';
import { collectIssues } from '../../../types/field-issue.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { Secret } from '../../../types/kinds/core/secret.ts';
import { fieldOf, listOf, textOf } from '../fields.ts';
import { timestamp } from '../object-lifecycle.ts';
import { objectAnswer } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { nodeOf } from '../admission/plugins/node-restriction.ts';
import { badRequest, conflict, forbidden, invalid, notFound } from '../status-error.ts';
import type { ApiError } from '../status-error.ts';
import type { BoundObject } from '../service-account-tokens.ts';
import type { Subresource } from './subresource.ts';

const TOKEN_REQUEST = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };
const LEAST_SECONDS = 600;
const DEFAULT_SECONDS = 3600;
const MOST_SECONDS = 2 ** 32;

export const token: Subresource = { name: 'token', document: TOKEN_REQUEST, verbs: { create: createToken } };

/** Issues a token of a service account, bound to a pod or secret if asked. */
async function createToken(context: RequestContext): Promise<Answer> {
  const { request, key, parts, storage } = context;
  const { body } = request;
  if (!isRecord(body)) throw badRequest('the object provided is unrecognized (must be of type TokenRequest)');
  const { object } = await storage.get(key);
  const asked = fieldOf(body, 'spec', 'expirationSeconds') ?? DEFAULT_SECONDS;
  const seconds = typeof asked === 'number' ? asked : DEFAULT_SECONDS;
  const issues = collectIssues((sink) => {
    const at = sink.at('spec', 'expirationSeconds');
    if (seconds < LEAST_SECONDS) at.invalid(seconds, 'may not specify a duration less than 10 minutes');
    if (seconds > MOST_SECONDS) at.invalid(seconds, 'may not specify a duration larger than 2^32 seconds');
  });
  if (issues.length > 0) throw invalid(TOKEN_REQUEST, '', issues);
  const bound = await boundObject(context, fieldOf(body, 'spec', 'boundObjectRef'));
  await checkNode(context, bound);
  const audiences = listOf(body, 'spec', 'audiences').map(String);
  const issued = await parts.tokens.issue({
    namespace: key.namespace,
    name: key.name,
    uid: object.metadata.uid ?? '',
    ...(bound === undefined ? {} : { bound }),
    audiences,
    seconds,
  });
  return objectAnswer(201, {
    kind: TOKEN_REQUEST.kind,
    apiVersion: `${TOKEN_REQUEST.group}/${TOKEN_REQUEST.version}`,
    metadata: { name: key.name, namespace: key.namespace, creationTimestamp: timestamp(parts.clock.now()) },
    ...{
      spec: {
        audiences: issued.audiences,
        expirationSeconds: seconds,
        boundObjectRef: fieldOf(body, 'spec', 'boundObjectRef') ?? null,
      },
      status: { token: issued.token, expirationTimestamp: timestamp(issued.expires) },
    },
  });
}

/** A node gets tokens only of those whose pods it runs (NodeRestriction). */
async function checkNode({ request, parts, key, kind }: RequestContext, bound: BoundObject | undefined): Promise<void> {
  const node = nodeOf(request.user);
  if (node === undefined) return;
  const refuse = (fault: string): ApiError => forbidden(kind, key.name, fault);
  if (bound?.kind !== 'Pod') throw refuse('node requested token not bound to a pod');
  const pod = await parts.reader.get(Pod, { namespace: key.namespace, name: bound.name });
  if (pod?.spec?.nodeName !== node) throw refuse('node requested token bound to a pod scheduled on a different node');
  if ((pod.spec.serviceAccountName ?? '') !== key.name)
    throw refuse('node requested token bound to a pod with a different service account');
}

async function boundObject(context: RequestContext, reference: unknown): Promise<BoundObject | undefined> {
  if (!isRecord(reference)) return undefined;
  const { reader } = context.parts;
  const [kind, name, uid] = [textOf(reference, 'kind'), textOf(reference, 'name'), textOf(reference, 'uid')];
  const key = { namespace: context.key.namespace, name };
  const definition = kind === 'Pod' ? Pod : kind === 'Secret' ? Secret : undefined;
  if (!definition)
    throw badRequest(`cannot bind token to an object of kind ${JSON.stringify(kind)}, only to a Pod or Secret`);
  const found = kind === 'Pod' ? await reader.get(Pod, key) : await reader.get(Secret, key);
  if (!found) throw notFound(definition, name);
  const actual = found.metadata.uid ?? '';
  if (uid !== '' && uid !== actual) {
    throw conflict(
      { group: '', plural: definition.plural },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  return { kind: kind === 'Pod' ? 'Pod' : 'Secret', name, uid: actual };
}
