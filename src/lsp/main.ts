/** The language server by itself: everything but the local cluster. */
import { serve } from './serve.ts';

serve();
