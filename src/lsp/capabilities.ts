/** What the server can do, computed from the table of features. */
import { TextDocumentSyncKind } from 'vscode-languageserver/node';
import type { ClientCapabilities, ServerCapabilities } from 'vscode-languageserver/node';
import type { Feature } from './features/feature.ts';

export function capabilitiesOf(features: readonly Feature[], client: ClientCapabilities): ServerCapabilities {
  const capabilities: ServerCapabilities = {
    positionEncoding: 'utf-16',
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: { includeText: false } },
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
  };
  for (const feature of features) Object.assign(capabilities, feature.capabilities(client));
  return capabilities;
}
