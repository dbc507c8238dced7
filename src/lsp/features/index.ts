/** THE table of features. Folder and table are compared by a test. */
import type { Feature } from './feature.ts';
import { callHierarchy } from './call-hierarchy.ts';
import { codeActions } from './code-actions.ts';
import { codeLens } from './code-lens.ts';
import { commands } from './commands.ts';
import { completion } from './completion.ts';
import { definition } from './definition.ts';
import { diagnostics } from './diagnostics.ts';
import { documentLinks } from './document-links.ts';
import { documentSymbols } from './document-symbols.ts';
import { folding } from './folding.ts';
import { formatting } from './formatting.ts';
import { hover } from './hover.ts';
import { inlayHints } from './inlay-hints.ts';
import { references } from './references.ts';
import { rename } from './rename.ts';
import { selection } from './selection.ts';
import { semanticTokens } from './semantic-tokens.ts';
import { workspaceSymbols } from './workspace-symbols.ts';

export const features: readonly Feature[] = [
  diagnostics,
  completion,
  hover,
  codeActions,
  definition,
  references,
  rename,
  callHierarchy,
  documentSymbols,
  workspaceSymbols,
  folding,
  selection,
  formatting,
  inlayHints,
  semanticTokens,
  codeLens,
  commands,
  documentLinks,
];
