/** What every feature is: what it announces, and what it answers to. */
import type { ClientCapabilities, Connection, ServerCapabilities } from 'vscode-languageserver/node';
import type { Session } from '../session.ts';

export interface Feature {
  readonly name: string;
  /** What the server says it can do; may depend on the client. */
  capabilities(client: ClientCapabilities): Partial<ServerCapabilities>;
  register(connection: Connection, session: Session): void;
}
