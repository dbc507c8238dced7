/** Which verbs exist where. Discovery prints it, the pipeline obeys it. */
import type { KindDefinition } from '../../types/define-kind.ts';
import type { Handler } from './request-context.ts';
import type { ResourceInfo, Verb } from './request-info.ts';
import { methodNotAllowed, pathNotFound } from './status-error.ts';
import { subresources } from './subresources/index.ts';
import { reviews } from './reviews/index.ts';
import { computedVerbs } from './usage/metrics-api.ts';
import { create } from './verbs/create.ts';
import { deleteCollection } from './verbs/delete-collection.ts';
import { remove } from './verbs/delete.ts';
import { get } from './verbs/get.ts';
import { list } from './verbs/list.ts';
import { patch } from './verbs/patch.ts';
import { update } from './verbs/update.ts';
import { watch } from './verbs/watch.ts';

const verbs: Readonly<Record<Verb, Handler>> = {
  get,
  list,
  watch,
  create,
  update,
  patch,
  delete: remove,
  deletecollection: deleteCollection,
};

const EVERY_VERB: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** The verbs of a kind itself, in discovery's order. */
export function verbsOf(kind: KindDefinition): readonly Verb[] {
  if (kind.virtual) return ['create'];
  if (kind.terminating === true) return EVERY_VERB.filter((verb) => verb !== 'create');
  if (kind.computed) return ['get', 'list'];
  // Emptying the whole cluster takes more than one request (upstream, no collection deletion of namespaces).
  if (kind.typeName === 'v1.Namespace') return EVERY_VERB.filter((verb) => verb !== 'deletecollection');
  return EVERY_VERB;
}

/** @throws ApiError NotFound for a path that does not exist, MethodNotAllowed for a verb that it does not have. */
export function handlerOf(info: ResourceInfo): Handler {
  const { kind, verb, subresource, name } = info;
  if (!kind) throw pathNotFound();
  if (kind.scope === 'Cluster' ? info.namespace !== '' : info.namespace === '' && name !== '') throw pathNotFound();
  if (subresource !== '') {
    const handler = subresources.find((entry) => entry.name === subresource && kind.subresources.includes(subresource));
    if (!handler) throw pathNotFound();
    const own = verb === 'watch' || verb === 'list' ? undefined : handler.verbs[verb];
    if (!own) throw methodNotAllowed();
    return own;
  }
  if (!verbsOf(kind).includes(verb) || !fits(info, kind)) throw methodNotAllowed();
  if (kind.virtual) {
    const review = reviews.find((entry) => entry.typeName === kind.typeName);
    if (!review) throw pathNotFound();
    return review.create;
  }
  return (kind.computed ? computedVerbs[verb] : undefined) ?? verbs[verb];
}

/** POST goes to the collection, PUT and PATCH to an object; a collection over all namespaces is only read. */
function fits(info: ResourceInfo, kind: KindDefinition): boolean {
  const { verb, name, namespace } = info;
  if (verb === 'create' && name !== '') return false;
  if ((verb === 'update' || verb === 'patch') && name === '') return false;
  const everywhere = kind.scope === 'Namespaced' && namespace === '';
  return !everywhere || verb === 'list' || verb === 'watch';
}
