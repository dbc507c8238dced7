/** Above each object: what uses it, which pods it selects, how it is doing in the local cluster, and how to get it there. */
import { CodeLensRefreshRequest } from 'vscode-languageserver/node';
import type { CodeLens, Command } from 'vscode-languageserver/node';
import { applyCommand } from '../apply-command.ts';
import { clusterScope } from '../facts.ts';
import type { ObjectFact } from '../facts.ts';
import { isCandidate } from '../../compiler/check.ts';
import { isRecord } from '../../shared/deep.ts';
import { readYaml } from '../../types/yaml/read.ts';
import type { ClusterObject, ObjectState } from '../local-cluster.ts';
import type { Piece, Project } from '../project.ts';
import { isEmptySelector } from '../selector-at.ts';
import type { OpenDocument, Session } from '../session.ts';
import { usersOf } from '../uses.ts';
import type { Feature } from './feature.ts';

function selectorText(project: Project, piece: Piece, object: ObjectFact): string | undefined {
  const selectors = project
    .facts(piece)
    .selectors.filter(({ whole, own }) => !own && object.whole.start <= whole.start && whole.end <= object.whole.end)
    .filter(({ selector }) => !isEmptySelector(selector));
  const [first] = selectors;
  // Of a policy, the pods that it is about; those that it lets in come behind.
  if (!first || object.podLabels !== undefined) return undefined;
  const selected = project.podsSelected(first);
  if (selected.length === 0) return 'selects no pods';
  return `selects pods of ${selected.map(({ fact: { kind, name } }) => `${kind} ${name}`).join(', ')}`;
}

function titlesOf(project: Project, piece: Piece, fact: ObjectFact): readonly string[] {
  const uses = usersOf(project, { fact, piece }).length;
  const used = uses === 0 ? [] : [`used in ${uses} ${uses === 1 ? 'place' : 'places'}`];
  const selects = selectorText(project, piece, fact);
  return selects === undefined ? used : [...used, selects];
}

const marks = { ready: '✓', waiting: '…', failed: '✗', absent: '○' } as const;

function stateText({ state, detail }: ObjectState, cluster: string): string {
  const text = state === 'absent' ? `not in ${cluster}` : detail === '' ? `in ${cluster}` : `${detail} in ${cluster}`;
  return `${marks[state]} ${text}`;
}

/** Nothing where no cluster runs. */
function clusterLenses(session: Session, uri: string, object: ClusterObject): readonly Command[] {
  const { cluster, settings } = session;
  if (cluster?.isRunning(settings.cluster) !== true) return [];
  const { apiVersion, kind, name, namespace } = object;
  const state = cluster.stateOf(object);
  const shown = state ? [{ title: stateText(state, settings.cluster), command: '' }] : [];
  const target = { uri, apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
  return [...shown, { title: `apply to ${settings.cluster}`, command: applyCommand, arguments: [target] }];
}

function ofFact({ apiVersion, kind, name, namespace }: ObjectFact): ClusterObject {
  return { apiVersion, kind, name, namespace: namespace === '' || namespace === clusterScope ? undefined : namespace };
}

/** A component may make many objects; more than these would fill the screen. */
const mostAtOnePlace = 4;

function programLenses(session: Session, document: OpenDocument): readonly CodeLens[] {
  const placed = session.programs.placed(document);
  return placed.flatMap(({ range, object }, index) => {
    const before = placed.slice(0, index).filter((one) => one.range.start.line === range.start.line).length;
    const value = readYaml(object.yaml);
    if (before >= mostAtOnePlace || !isCandidate(value) || !isRecord(value.metadata)) return [];
    const { apiVersion, kind, metadata } = value;
    const { name, namespace } = metadata;
    if (typeof name !== 'string') return [];
    const target = { apiVersion, kind, name, namespace: typeof namespace === 'string' ? namespace : undefined };
    return clusterLenses(session, document.uri, target).map((command) => ({
      range,
      command: { ...command, title: `${object.title}: ${command.title}` },
    }));
  });
}

export const codeLens: Feature = {
  name: 'code-lens',
  capabilities: () => ({ codeLensProvider: { resolveProvider: false } }),
  register(connection, session) {
    session.cluster?.onChange(() => {
      if (session.client.workspace?.codeLens?.refreshSupport !== true || !session.settings.codeLens) return;
      connection.sendRequest(CodeLensRefreshRequest.type).catch((error: unknown) => {
        connection.console.warn(`the client did not refresh: ${String(error)}`);
      });
    });
    connection.onCodeLens(({ textDocument: { uri } }) => {
      const document = session.documents.get(uri);
      if (document && session.programs.reads(document))
        return session.settings.codeLens ? [...programLenses(session, document)] : null;
      const view = session.view(uri);
      if (!view || !session.settings.codeLens || !view.project.loaded) return null;
      const { project, lines, pieces } = view;
      const lenses: CodeLens[] = [];
      for (const piece of pieces) {
        for (const fact of project.facts(piece).objects) {
          const range = lines.range({ start: fact.whole.start, end: fact.whole.start }, piece.document.offset);
          for (const title of titlesOf(project, piece, fact)) lenses.push({ range, command: { title, command: '' } });
          for (const command of clusterLenses(session, uri, ofFact(fact))) lenses.push({ range, command });
        }
      }
      return lenses;
    });
  },
};
