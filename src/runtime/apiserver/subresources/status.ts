import { get } from '../verbs/get.ts';
import { patch } from '../verbs/patch.ts';
import { update } from '../verbs/update.ts';
import type { Subresource } from './subresource.ts';

/** Isolation of the two halves is the storage's: it knows from the subresource which one a write may change. */
export const status: Subresource = { name: 'status', verbs: { get, update, patch } };
