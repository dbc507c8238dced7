/** THE table of features. Folder and table are compared by a test. */
import type { Feature } from './feature.ts';
import { completion } from './completion.ts';
import { definition } from './definition.ts';
import { diagnostics } from './diagnostics.ts';
import { documentSymbols } from './document-symbols.ts';
import { folding } from './folding.ts';
import { hover } from './hover.ts';
import { references } from './references.ts';
import { rename } from './rename.ts';
import { selection } from './selection.ts';
import { workspaceSymbols } from './workspace-symbols.ts';

export const features: readonly Feature[] = [
  diagnostics,
  completion,
  hover,
  definition,
  references,
  rename,
  documentSymbols,
  workspaceSymbols,
  folding,
  selection,
];
