/** What can be done by command: apply to the local cluster. */
import { ErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { applyCommand, objectsToApply, readTarget } from '../apply-command.ts';
import type { ApplyOutcome } from '../local-cluster.ts';
import type { Session } from '../session.ts';
import type { Feature } from './feature.ts';

function told(outcomes: readonly ApplyOutcome[], cluster: string, session: Session): void {
  const failures = outcomes.filter(({ failure }) => failure !== undefined);
  const { window } = session.connection;
  for (const { title, failure } of failures) window.showErrorMessage(`${title}: ${failure ?? ''}`);
  const applied = outcomes.length - failures.length;
  if (applied === 0) return;
  const titles = outcomes.filter(({ failure }) => failure === undefined).map(({ title }) => title);
  window.showInformationMessage(
    applied <= 3 ? `${titles.join(', ')} applied to ${cluster}` : `${applied} objects applied to ${cluster}`,
  );
}

async function apply(session: Session, argument: unknown): Promise<readonly ApplyOutcome[] | ResponseError> {
  const target = readTarget(argument);
  if (!target) return new ResponseError(ErrorCodes.InvalidParams, `${applyCommand} takes { uri, kind?, name? }`);
  const { cluster, settings } = session;
  if (!cluster) return new ResponseError(ErrorCodes.InvalidRequest, 'this server was started without a local cluster');
  const objects = objectsToApply(session, target);
  if (objects.length === 0)
    return new ResponseError(ErrorCodes.InvalidParams, 'there is no such object in the document');
  try {
    const outcomes = await cluster.apply(settings.cluster, objects);
    told(outcomes, settings.cluster, session);
    return outcomes;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    session.connection.window.showErrorMessage(text);
    return new ResponseError(ErrorCodes.InternalError, text);
  }
}

export const commands: Feature = {
  name: 'commands',
  capabilities: () => ({ executeCommandProvider: { commands: [applyCommand] } }),
  register(connection, session) {
    connection.onExecuteCommand(({ command, arguments: [argument] = [] }) =>
      command === applyCommand
        ? apply(session, argument)
        : new ResponseError(ErrorCodes.InvalidParams, `there is no command ${command}`),
    );
  },
};
