/** THE table of features. Folder and table are compared by a test. */
import type { Feature } from './feature.ts';
import { completion } from './completion.ts';
import { diagnostics } from './diagnostics.ts';

export const features: readonly Feature[] = [diagnostics, completion];
