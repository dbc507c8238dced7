/** Reads the models and paths of @kubernetes/client-node as text: importing the package would run it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ModelProperty {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly required: boolean;
  readonly description: string;
}
export interface Model {
  readonly className: string;
  readonly description: string;
  readonly properties: ReadonlyMap<string, ModelProperty>;
}
export interface ApiPath {
  readonly path: string;
  readonly method: string;
  readonly body: string | undefined;
  readonly answer: string | undefined;
}

function comment(text: string | undefined): string {
  return (
    (text ?? '')
      .split('\n')
      .map((line) => line.replace(/^\s*\*? ?/, ''))
      .join('\n')
      // The package's own generator escapes quotes in comments, where nothing needs it.
      .replace(/\\(['"])/g, '$1')
      .trim()
  );
}

function readModel(folder: string, className: string): Model | undefined {
  const code = readFileSync(join(folder, `${className}.js`), 'utf8');
  const table = /\.attributeTypeMap = (\[[\s\S]*?\n\]);/.exec(code)?.[1];
  if (table === undefined) return undefined;
  const declarations = readFileSync(join(folder, `${className}.d.ts`), 'utf8');
  const declared = new Map<string, { required: boolean; description: string }>();
  // `*/` cannot occur inside a comment, so the shortest match is the comment right before the property.
  for (const match of declarations.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?^ {4}'([^']+)'(\?)?:/gm)) {
    declared.set(match[2] ?? '', { required: match[3] === undefined, description: comment(match[1]) });
  }
  const description = comment(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export declare class/.exec(declarations)?.[1]);
  const properties = new Map<string, ModelProperty>();
  const attributes: readonly { name: string; baseName: string; type: string; format: string }[] = JSON.parse(table);
  for (const { name, baseName, type, format } of attributes) {
    const about = declared.get(name);
    if (about === undefined) throw new Error(`${className}.${name} has no declaration`);
    properties.set(baseName, { name: baseName, type, format, ...about });
  }
  return { className, description, properties };
}

export function readModels(packageFolder: string): ReadonlyMap<string, Model> {
  const folder = join(packageFolder, 'dist/gen/models');
  const models = new Map<string, Model>();
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.js') || file === 'ObjectSerializer.js' || file === 'all.js') continue;
    const model = readModel(folder, file.slice(0, -3));
    if (model) models.set(model.className, model);
  }
  return models;
}

export function readPaths(packageFolder: string): readonly ApiPath[] {
  const folder = join(packageFolder, 'dist/gen/apis');
  const paths: ApiPath[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!/V\d\w*Api\.js$/.test(file)) continue;
    const code = readFileSync(join(folder, file), 'utf8');
    const answers = new Map<string, string>();
    for (const block of code.split(/\n {4}async (?=\w+WithHttpInfo\()/).slice(1)) {
      const name = /^(\w+)WithHttpInfo/.exec(block)?.[1] ?? '';
      const answer = /ObjectSerializer\.deserialize\([\s\S]*?, "(\w+)", ""\)/.exec(block)?.[1];
      if (answer !== undefined) answers.set(name, answer);
    }
    for (const block of code.split(/\n {4}async (?=\w+\()/).slice(1)) {
      const path = /localVarPath = '([^']+)'/.exec(block)?.[1];
      const method = /HttpMethod\.(\w+)\)/.exec(block)?.[1];
      if (path === undefined || method === undefined) continue;
      const name = /^(\w+)/.exec(block)?.[1] ?? '';
      paths.push({
        path,
        method,
        body: /ObjectSerializer\.serialize\(body, "(\w+)"/.exec(block)?.[1],
        answer: answers.get(name),
      });
    }
  }
  return paths;
}
