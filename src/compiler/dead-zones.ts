/**
 * Constants before they have a value. esbuild makes `var` of every `const`, `let` and `class` of a module's top level, so
 * what is used too early, often through imports that go round in a circle, would silently be undefined. As modules have
 * it, it is an error.
 */
import { resolve } from 'node:path';
import type { BundleRecord } from './evidence.ts';
import { shownPath } from './shown-path.ts';

/** Also the line of a text that reads so. */
const ownVar = /^(?:export )?var ([\w$]+)/gm;
/** An enum begins with what there is of it already; the rest is esbuild's own. */
const bundledVar =
  /^var (?!__|require_|import_|init_)(?=(?:([\w$]+)|[[{]))(?![\w$]+ = (?:\/\* @__PURE__ \*\/ )?\(\([\w$]+\) => \{)/gm;

/** The bundle with `let`, of the same length, where the sources do not say `var`. */
export function withDeadZones(code: string, contents: ReadonlyMap<string, string>): string {
  const variables = new Set<string>();
  for (const content of contents.values()) for (const [, name = ''] of content.matchAll(ownVar)) variables.add(name);
  // Names that several modules have get a number.
  const isVariable = (name: string): boolean => variables.has(name) || variables.has(name.replace(/\d+$/, ''));
  return code.replace(bundledVar, (whole, name: string | undefined) =>
    name === undefined || !isVariable(name) ? `let ${whole.slice('var '.length)}` : whole,
  );
}

/** The way from one file to another by imports, both included; undefined where there is none. */
function importsBetween(
  from: string,
  to: string,
  { metafile, working }: Pick<BundleRecord, 'metafile' | 'working'>,
): readonly string[] | undefined {
  const imports = new Map(
    Object.entries(metafile.inputs).map(([input, { imports: made }]) => [
      resolve(working, input),
      made.map(({ path }) => resolve(working, path)),
    ]),
  );
  const ways: (readonly string[])[] = [[from]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way; way = ways.shift()) {
    const at = way.at(-1) ?? from;
    for (const next of imports.get(at) ?? []) {
      if (next === to) return [...way, next];
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}

function declares(name: string, text: string): boolean {
  return new RegExp(`\\b(?:const|let|class)\\s+(?:${name}\\b|[[{][^=;]*\\b${name}\\b)`).test(text);
}

/** A complaint that a name has no value yet, in words that say why; other messages as they are. */
export function explainDeadZone(message: string, usedIn: string | undefined, record: BundleRecord): string {
  const [, found] = /^Cannot access '([\w$]+)' before initialization$/.exec(message) ?? [];
  if (found === undefined || usedIn === undefined) return message;
  const names = [found, found.replace(/\d+$/, '')];
  if (/_default\d*$/.test(found))
    return message.replace(`'${found}'`, `a module's default export (${found})`) + ': do imports go round in a circle?';
  const way = [...record.contents].flatMap(([file, text]) => {
    const name = names.find((one) => file !== usedIn && declares(one.replaceAll('$', '\\$'), text));
    const back = name === undefined ? undefined : importsBetween(file, usedIn, record);
    const there = back && importsBetween(usedIn, file, record);
    return name !== undefined && back && there ? [{ name, files: [...there, ...back.slice(1)] }] : [];
  })[0];
  if (!way) return `${message.replace(found, names[1] ?? found)}: it is used above its declaration`;
  const [using = '', declaring = ''] = [
    usedIn,
    way.files.find((file) => declares(way.name, record.contents.get(file) ?? '')),
  ];
  return (
    `Cannot access '${way.name}' before initialization: the imports go round in a circle ` +
    `(${way.files.map(shownPath).join(' -> ')}), so ${shownPath(using)} runs before ${shownPath(declaring)} has set it; ` +
    `move ${way.name} to a file that imports neither`
  );
}
