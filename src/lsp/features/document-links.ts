/** Files that a kustomization names. */
import { dirname, join } from 'node:path';
import type { DocumentLink } from 'vscode-languageserver/node';
import { isKustomizationFile } from '../../lint/kustomize.ts';
import { descendants } from '../outline.ts';
import type { OutlineNode } from '../outline.ts';
import { uriOfPath } from '../positions.ts';
import type { Project } from '../project.ts';
import type { Feature } from './feature.ts';

const lists =
  /^(?:resources|bases|components|patches|patchesStrategicMerge|patchesJson6902|configurations|crds|generators|transformers|files|envs|valuesFile)$/;

function isPath(node: OutlineNode): boolean {
  if (node.form !== 'scalar' || /^[a-z]+:\/\/|\n/.test(node.text) || node.text.includes('?ref=')) return false;
  return node.step === 'path' || lists.test(String(node.parent?.step)) || node.step === 'valuesFile';
}

/** A folder means the kustomization in it. */
function targetOf(project: Project, folder: string, text: string): string {
  const path = join(folder, text.includes('=') ? text.slice(text.indexOf('=') + 1) : text);
  const inner = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'].map((name) => join(path, name));
  return inner.find((file) => project.has(file)) ?? path;
}

export const documentLinks: Feature = {
  name: 'document-links',
  capabilities: () => ({ documentLinkProvider: {} }),
  register(connection, session) {
    connection.onDocumentLinks(({ textDocument: { uri } }) => {
      const view = session.view(uri);
      if (!view || !isKustomizationFile(view.path)) return null;
      const { project, path, lines, pieces } = view;
      const links: DocumentLink[] = [];
      for (const piece of pieces) {
        for (const node of descendants(project.outline(piece))) {
          if (!isPath(node)) continue;
          const target = uriOfPath(targetOf(project, dirname(path), node.text));
          links.push({ range: lines.range(node.value, piece.document.offset), target });
        }
      }
      return links;
    });
  },
};
