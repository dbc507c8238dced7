/** The language server with the local cluster beside it. */
import { serve } from '../../lsp/serve.ts';
import { ClusterLink } from './cluster-link.ts';

serve((clock) => new ClusterLink(clock));
