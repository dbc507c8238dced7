import { status } from './status.ts';
import type { Subresource } from './subresource.ts';

/** Approving a signing request is writing its conditions; what sets it apart is the permission that it takes. */
export const approval: Subresource = { name: 'approval', verbs: status.verbs };
