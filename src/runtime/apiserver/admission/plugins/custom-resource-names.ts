import { CustomResourceDefinition } from '../../../../types/kinds/apiextensions/custom-resource-definition.ts';
import { acceptNames } from '../../custom-resources/names.ts';
import { isDraftOfKind } from '../../fields.ts';
import type { AdmissionPlugin } from '../plugin.ts';

/**
 * Accepts or refuses the names of a definition with its very write, so that it is established when the answer comes.
 * Upstream does it a moment later; clients that wait for the condition do not see the difference.
 */
export const customResourceNames: AdmissionPlugin = {
  name: 'CustomResourceNames',
  handles: ({ kind, operation, subresource }) =>
    kind.typeName === CustomResourceDefinition.typeName && operation !== 'DELETE' && subresource === '',
  async mutate({ reader, clock }, draft) {
    if (!isDraftOfKind(CustomResourceDefinition, draft)) return;
    const others = await reader.list(CustomResourceDefinition);
    Object.assign(draft, { status: acceptNames(draft, others, clock.now()) });
  },
};
