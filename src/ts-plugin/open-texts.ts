/** The sources that the TypeScript server's client has open, as they are there. */
import type ts from 'typescript';
import { isProgramSource } from '../lint/programs/entries.ts';

export function openTexts(typescript: typeof ts, { project }: ts.server.PluginCreateInfo): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const { projectService } = project;
  projectService.openFiles.forEach((_root, path) => {
    const script = projectService.getScriptInfoForPath(path);
    if (!script || !isProgramSource(script.fileName)) return;
    const snapshot = script.getSnapshot();
    const file = typescript.sys.resolvePath(script.fileName);
    texts.set(file, snapshot.getText(0, snapshot.getLength()));
  });
  return texts;
}
