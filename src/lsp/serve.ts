/** The language server on the standard streams; `main.ts` runs it alone, the command line with the local cluster beside it. */
import { createConnection, ProposedFeatures, ResponseError, LSPErrorCodes } from 'vscode-languageserver/node';
import { systemClock } from '../shared/clock.ts';
import type { Clock } from '../shared/clock.ts';
import { Lifecycle, registerRefusals } from './lifecycle.ts';
import type { LocalCluster } from './local-cluster.ts';
import { Server } from './server.ts';

/** What waits in the queue when its sender gives it up is not worked out at all. */
const connectionStrategy = {
  cancelUndispatched: (message: { readonly jsonrpc: string; readonly id?: unknown }) => {
    const id = typeof message.id === 'string' || typeof message.id === 'number' ? message.id : null;
    const { code, message: text } = new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
    return { jsonrpc: message.jsonrpc, id, error: { code, message: text } };
  },
};

/** @param makeCluster where given, objects are shown as they are in the local cluster, and can be applied to it */
export function serve(makeCluster?: (clock: Clock) => LocalCluster): void {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout, {
    connectionStrategy,
    messageStrategy: new Lifecycle(),
  });
  registerRefusals(connection);
  // The standard output belongs to the protocol: whatever goes wrong is said in the client's log.
  process.on('uncaughtException', (error) => connection.console.error(error.stack ?? error.message));
  process.on('unhandledRejection', (error) => {
    connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  });
  new Server(connection, systemClock, makeCluster?.(systemClock)).listen();
}
