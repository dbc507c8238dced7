/** Entry of the language server, for editors that start it themselves. */
import { runScript } from '../script-cache.ts';

// Not every editor waits until its server has ended; by then all that a start needs has run.
runScript('language-server.cjs', 'lsp', 1000);
