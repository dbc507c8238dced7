/**
 * Fills in the code of the pages of the guide from programs that are compiled and tested, so that none of it can grow old.
 * Above a code block stands where it comes from:
 *
 * - `<!-- code: FILE [NAME...] -->`: a file, or the statements in it that declare these names (`imports`, `default`)
 * - `<!-- output: FILE [--env NAME] [--set KEY=VALUE] [KIND/NAME...] -->`: what the program compiles to, or some objects of it
 * - `<!-- error: FILE [--env NAME] -->`: what is said about a program that is wrong
 * - `<!-- import: FILE [NAME...] -->`: what `kubewright import` makes of a manifest
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { readDocuments } from '../src/cli/documents.ts';
import { problemText } from '../src/compiler/code-frame.ts';
import { customBuilders } from '../src/compiler/import/crd/builders.ts';
import { isDefinition } from '../src/compiler/import/crd/definition.ts';
import { programText } from '../src/compiler/import/program.ts';
import { compile } from '../src/index.ts';
import type { CompileResult } from '../src/index.ts';
import { writeYaml } from '../src/types/yaml/write.ts';

const folder = 'docs/guide';

function declares(statement: ts.Statement, name: string): boolean {
  if (name === 'imports') return ts.isImportDeclaration(statement);
  if (name === 'default') return ts.isExportAssignment(statement);
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.some((one) => one.name.getText() === name);
  const named = ts.isFunctionDeclaration(statement) || ts.isInterfaceDeclaration(statement);
  return named && statement.name?.text === name;
}

/** With the comments above. */
function statementText(source: ts.SourceFile, statement: ts.Statement): string {
  const [comment] = ts.getLeadingCommentRanges(source.text, statement.getFullStart()) ?? [];
  const first = source.statements[0] === statement;
  return source.text.slice(comment && !first ? comment.pos : statement.getStart(), statement.end);
}

function codeOf(file: string, text: string, names: readonly string[]): string {
  if (names.length === 0) return text;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = names.flatMap((name) => {
    const statements = source.statements.filter((statement) => declares(statement, name));
    if (statements.length === 0) throw new Error(`${file} declares no ${name}`);
    return statements.map((statement) => statementText(source, statement));
  });
  return found.join('\n\n');
}

function compiled(file: string, words: readonly string[]): Promise<CompileResult> {
  const after = (flag: string): readonly string[] =>
    words.flatMap((word, index) => (word === flag ? (words[index + 1] ?? []) : []));
  const [env] = after('--env');
  const set = Object.fromEntries(after('--set').map((word) => word.split('=', 2)));
  return compile(file, { ...(env === undefined ? {} : { env }), set });
}

async function outputOf(file: string, words: readonly string[]): Promise<string> {
  const { set, problems } = await compiled(file, words);
  if (!set) throw new Error(problems.map(problemText).join('\n'));
  const chosen = words.filter((word, index) => !word.startsWith('--') && !words[index - 1]?.startsWith('--'));
  const objects = set.manifests
    .map(({ object }) => object)
    .filter(
      ({ kind, metadata }) =>
        chosen.length === 0 || chosen.includes(kind) || chosen.includes(`${kind}/${metadata.name}`),
    );
  if (objects.length === 0) throw new Error(`${file} makes no ${chosen.join(', ')}`);
  return objects.map((object) => writeYaml(object)).join('---\n');
}

async function errorOf(file: string, words: readonly string[]): Promise<string> {
  const { problems } = await compiled(file, words);
  if (problems.length === 0) throw new Error(`nothing is wrong with ${file}`);
  return problems.map(problemText).join('\n');
}

async function importOf(file: string, names: readonly string[]): Promise<string> {
  const { documents } = await readDocuments({ path: file, form: 'manifests', named: true });
  const sources = documents.map(({ candidate, comments }) => ({ object: candidate, comments }));
  const definitions = sources.map(({ object }) => object).filter(isDefinition);
  const text =
    definitions.length === 0
      ? programText(sources)
      : programText(definitions.length === sources.length ? [] : sources, customBuilders(definitions));
  return codeOf(file, text, names);
}

const forms: Readonly<Record<string, (file: string, words: readonly string[]) => string | Promise<string>>> = {
  code: (file, names) => codeOf(file, readFileSync(file, 'utf8'), names),
  output: outputOf,
  error: errorOf,
  import: importOf,
};

const block = /<!-- (code|output|error|import): (\S+)((?: [^\n]*?)?) -->\n+(```\w*)\n[^]*?\n```(?=\n|$)/g;

async function filled(page: string): Promise<string> {
  let text = '';
  let from = 0;
  for (const match of page.matchAll(block)) {
    const [whole, form = '', file = '', words = '', fence = ''] = match;
    const make = forms[form];
    if (!make) throw new Error(`there is no form ${form}`);
    const content = await make(
      file,
      words.split(' ').filter((word) => word !== ''),
    );
    const head = `<!-- ${form}: ${file}${words} -->`;
    text += `${page.slice(from, match.index)}${head}\n\n${fence}\n${content.trimEnd()}\n\`\`\``;
    from = match.index + whole.length;
  }
  return text + page.slice(from);
}

const stale: string[] = [];
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
for (const name of pages) {
  const file = join(folder, name);
  const before = readFileSync(file, 'utf8');
  const after = await filled(before);
  if (after === before) continue;
  stale.push(file);
  if (!process.argv.includes('--check')) writeFileSync(file, after);
}
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`${stale.join(', ')} ${stale.length === 1 ? 'is' : 'are'} not up to date: run "npm run docs"`);
  process.exitCode = 1;
}
console.log(`${pages.length} pages of the guide`);
