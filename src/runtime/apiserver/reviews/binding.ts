import { Pod } from '../../../types/kinds/core/pod.ts';
import { textOf } from '../fields.ts';
import { badRequest } from '../status-error.ts';
import { bindPod } from '../subresources/binding.ts';
import type { Review } from './review.ts';

/** POST namespaces/x/bindings, the older path to a pod's binding. */
export const bindingReview: Review = {
  typeName: 'v1.Binding',
  create: (context) => {
    const name = textOf(context.request.body, 'metadata', 'name');
    if (name === '') throw badRequest('metadata.name: Required value: the name of the pod');
    const key = { namespace: context.key.namespace, name };
    const info = { ...context.info, subresource: 'binding' };
    return bindPod({ ...context, info, kind: Pod, key, storage: context.parts.storage(Pod) });
  },
};
