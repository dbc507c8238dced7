/** Requests of a typed client -> paths and query parameters of the API. */
import type { KindDefinition } from '../../types/define-kind.ts';
import type { DeleteQuery, ListQuery, WriteQuery } from './api-client.ts';

/** `/api/v1/namespaces/default/pods`; for a namespaced kind without namespace the path over all namespaces. */
export function collectionPath(kind: KindDefinition, namespace: string): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const scope = kind.scope === 'Namespaced' && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${kind.plural}`;
}

export function objectPath(kind: KindDefinition, namespace: string, name: string, subresource?: string): string {
  const path = `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

export function listParameters(query: ListQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  if (query.labelSelector !== undefined) parameters.set('labelSelector', query.labelSelector);
  if (query.fieldSelector !== undefined) parameters.set('fieldSelector', query.fieldSelector);
  if (query.limit !== undefined) parameters.set('limit', String(query.limit));
  if (query.continue !== undefined) parameters.set('continue', query.continue);
  if (query.resourceVersion !== undefined) parameters.set('resourceVersion', query.resourceVersion);
  return parameters;
}

export function writeParameters(query: WriteQuery = {}): URLSearchParams {
  const parameters = new URLSearchParams();
  if (query.fieldManager !== undefined) parameters.set('fieldManager', query.fieldManager);
  if (query.dryRun === true) parameters.set('dryRun', 'All');
  if (query.fieldValidation !== undefined) parameters.set('fieldValidation', query.fieldValidation);
  return parameters;
}

/** The DeleteOptions body that says the same as `query`. */
export function deleteOptions(query: DeleteQuery): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(query.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: query.gracePeriodSeconds }),
    ...(query.propagationPolicy === undefined ? {} : { propagationPolicy: query.propagationPolicy }),
    ...(query.preconditions === undefined ? {} : { preconditions: query.preconditions }),
    ...(query.dryRun === true ? { dryRun: ['All'] } : {}),
  };
}
