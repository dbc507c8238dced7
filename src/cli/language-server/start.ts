/** Entry of the language server, for editors that start it themselves. */
import { runScript } from '../script-cache.ts';

runScript('language-server.cjs', 'lsp');
