/** Manifests -> the program that a person would have written for them. */
import { isRecord } from '../../shared/deep.ts';
import { kindBases } from '../../types/registry.ts';
import { codeText, commentLines, printWidth, withConstants } from './code.ts';
import type { Code, Constants } from './code.ts';
import { Conversion, imagePrefix, labelsPrefix, namespacePrefix, SharedValues } from './conversion.ts';
import { Handles } from './handles.ts';
import { constructionOf, metadataText } from './imported-object.ts';
import type { Construction, ImportedObject, ManifestSource } from './imported-object.ts';
import { camelCase, pascalCase, Scope } from './scope.ts';

/** What stands in the file before the objects: builders of custom resources. */
export interface Prelude {
  /** By `apiVersion.Kind`. */
  readonly builders: ReadonlyMap<string, string>;
  /** Names that the prelude declares. */
  readonly names: Iterable<string>;
  /** What it needs of the package. */
  readonly imports: Iterable<string>;
  readonly typeImports: Iterable<string>;
  readonly text: string;
}

const runningKinds: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job', 'Pod']);
/** What people call objects of kinds with long names. */
const nicknames: Readonly<Record<string, string>> = {
  HorizontalPodAutoscaler: 'Autoscaler',
  PodDisruptionBudget: 'DisruptionBudget',
  PersistentVolumeClaim: 'Claim',
  PersistentVolume: 'Volume',
  ServiceAccount: 'Account',
  CustomResourceDefinition: 'Definition',
};
const labelNames = ['app.kubernetes.io/name', 'app', 'k8s-app', 'name', 'app.kubernetes.io/instance'];

/** `web` for a Deployment or for what is alone in having that name, `webService` for others. */
function variableNames(sources: readonly ManifestSource[], scope: Scope): readonly string[] {
  const stems = sources.map(({ object }) => {
    const { metadata } = object;
    const generated = isRecord(metadata) ? metadata['generateName'] : undefined;
    return camelCase(metadataText(object, 'name') ?? (typeof generated === 'string' ? generated : ''));
  });
  const counts = new Map<string, number>();
  for (const stem of stems) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  const claimed = new Set<string>();
  // Workloads have the first choice, wherever they stand.
  for (const [index, { object }] of sources.entries())
    if (runningKinds.has(object.kind)) claimed.add(stems[index] ?? '');
  const nameOf = ({ object }: ManifestSource, stem: string): string => {
    const kind = nicknames[object.kind] ?? (pascalCase(object.kind) || 'Object');
    const withKind = stem.toLowerCase().endsWith(kind.toLowerCase()) ? stem : stem + kind;
    // No name begins with a digit: then the kind does.
    const full = /^(?:\d|$)/.test(stem) ? kind.charAt(0).toLowerCase() + kind.slice(1) + stem : withKind;
    const space = pascalCase(metadataText(object, 'namespace') ?? '');
    const short = stem !== '' && ((counts.get(stem) ?? 0) === 1 || runningKinds.has(object.kind)) ? [stem] : [];
    const free = runningKinds.has(object.kind) || !claimed.has(stem) ? short : [];
    const group = isBuiltIn(object) ? [] : [stem + pascalCase(object.apiVersion.split('.')[0] ?? '') + kind];
    return scope.take([...free, full, ...group, `${full}${space}`].filter((name) => name !== ''));
  };
  // And built-in kinds before those of others that have the same name.
  const names = new Map<number, string>();
  for (const first of [true, false])
    for (const [index, source] of sources.entries())
      if (isBuiltIn(source.object) === first) names.set(index, nameOf(source, stems[index] ?? ''));
  return sources.map((_, index) => names.get(index) ?? '');
}

function isBuiltIn({ apiVersion, kind }: ManifestSource['object']): boolean {
  return kindBases().has(`${apiVersion}.${kind}`);
}

/** What others need stands before them; otherwise the order of the manifests stays. */
function inOrderOfNeed(objects: readonly ImportedObject[], handles: Handles): readonly ImportedObject[] {
  const ordered = new Set<ImportedObject>();
  const visit = (object: ImportedObject): void => {
    if (ordered.has(object)) return;
    for (const needed of handles.needsOf(object)) visit(needed);
    ordered.add(object);
  };
  objects.forEach(visit);
  return [...ordered];
}

/** Selectors are converted first: where a Service and a StatefulSet name each other, the selector gets the handle. */
function callsOf(
  objects: readonly ImportedObject[],
  handles: Handles,
  shared: SharedValues,
): ReadonlyMap<ImportedObject, Code> {
  for (const object of objects) handles.selectedBy(object);
  return new Map(objects.map((object) => [object, new Conversion(object, handles, shared).call()]));
}

interface Constant {
  readonly key: string;
  readonly name: string;
  readonly value: unknown;
  readonly code: Code;
}

/** Labels that others begin with are spread into those. */
class NamedConstants implements Constants {
  readonly #names: ReadonlyMap<string, string>;
  readonly #labels: readonly { readonly name: string; readonly entries: string; readonly members: number }[];

  constructor(constants: readonly Constant[]) {
    this.#names = new Map(constants.map(({ key, name }) => [key, name]));
    this.#labels = constants
      .filter(({ key }) => key.startsWith(labelsPrefix))
      .map(({ key, name, value }) => ({
        name,
        entries: `${key.slice(0, -1)},`,
        members: isRecord(value) ? Object.keys(value).length : 0,
      }))
      .sort((a, b) => b.members - a.members);
  }

  nameOf(key: string): string | undefined {
    return this.#names.get(key);
  }

  beginningOf(key: string): { readonly name: string; readonly members: number } | undefined {
    return this.#labels.find(({ entries }) => key.startsWith(entries));
  }
}

/** `shop` for `ghcr.io/example/shop:2.4.1`. */
function imageName(image: string): string {
  return (image.split('@')[0]?.split('/').at(-1) ?? '').replace(/:.*$/, '');
}

function namedAfter(value: unknown, noun: string): string {
  if (!isRecord(value)) return camelCase(noun === 'image' ? imageName(String(value)) : String(value));
  const named = labelNames.map((name) => value[name]).find((label) => typeof label === 'string');
  return camelCase(String(named ?? Object.values(value)[0] ?? ''));
}

/** `labels` where one will do, `webLabels` and `dbLabels` where there are several; `image` where there is no other. */
function constantsOf(shared: SharedValues, prefix: string, noun: string, scope: Scope): readonly Constant[] {
  const repeated = shared.repeated(prefix);
  const isOnly = shared.repeated(prefix, prefix === imagePrefix ? 1 : 2).length === 1;
  return repeated.map(({ key, value, code }) => {
    const own = namedAfter(value, noun);
    const long = own === '' ? noun : `${own}${pascalCase(noun)}`;
    return { key, value, name: scope.take(isOnly ? [noun, long] : [long, noun]), code };
  });
}

function importText(names: Iterable<string>, types: Iterable<string>): string {
  const of = (word: string, list: readonly string[]): string => {
    if (list.length === 0) return '';
    const line = `import ${word}{ ${list.join(', ')} } from 'kubewright';`;
    return `${line.length <= printWidth ? line : `import ${word}{\n  ${list.join(',\n  ')},\n} from 'kubewright';`}\n`;
  };
  const sorted = (list: Iterable<string>): readonly string[] => [...new Set(list)].sort();
  return of('', sorted(names)) + of('type ', sorted(types));
}

function declaration(name: string, code: Code): string {
  const head = `const ${name} = `;
  return `${head}${codeText(code, 0, head.length, 1)};\n`;
}

function headComment(object: ImportedObject): string {
  // What stands at the identity, which the builder fills in, belongs to the whole.
  const identity = object.builder === undefined ? [] : [['apiVersion'], ['kind']];
  const comments = [[], ...identity].map((path) => object.comments?.(path));
  const lines = comments.flatMap((found) => [
    ...(found?.before ?? []),
    ...(found?.after === undefined ? [] : [found.after]),
  ]);
  const reason = object.misfit === undefined ? [] : [`Taken as it is: ${object.misfit}`];
  return commentLines([...lines, ...(comments[0]?.tail ?? []), ...reason], '');
}

const nothing: Prelude = { builders: new Map(), names: [], imports: [], typeImports: [], text: '' };

function named(sources: readonly ManifestSource[], prelude: Prelude, scope: Scope): readonly ImportedObject[] {
  const constructions = sources.map(({ object, misfit }): Construction =>
    misfit === undefined ? constructionOf(object, prelude.builders) : { builder: undefined, input: object },
  );
  for (const name of [...prelude.names, ...prelude.imports, 'raw']) scope.reserve(name);
  for (const { builder } of constructions) if (builder !== undefined) scope.reserve(builder);
  const variables = variableNames(sources, scope);
  return sources.map((source, index) => {
    const construction = constructions[index] ?? { builder: undefined, input: source.object };
    return { ...source, ...construction, variable: variables[index] ?? `object${index}` };
  });
}

export interface Program {
  readonly text: string;
  /** What is taken as it is although its kind has a builder, and why. */
  readonly misfits: readonly { readonly source: ManifestSource; readonly reason: string }[];
  /** Which of the sources is declared at a line, counted from 1. */
  sourceAt(line: number): number | undefined;
}

/** The text of a module; its default export lists the objects in the order of the manifests. */
export function programText(sources: readonly ManifestSource[], prelude: Prelude = nothing): string {
  return programOf(sources, prelude).text;
}

export function programOf(sources: readonly ManifestSource[], prelude: Prelude = nothing): Program {
  const scope = new Scope();
  const objects = named(sources, prelude, scope);
  const handles = new Handles(objects);
  const shared = new SharedValues();
  const calls = callsOf(objects, handles, shared);
  const constants = [
    ...constantsOf(shared, namespacePrefix, 'namespace', scope),
    ...constantsOf(shared, labelsPrefix, 'labels', scope),
    ...constantsOf(shared, imagePrefix, 'image', scope),
  ];
  const names = new NamedConstants(constants);
  const ordered = inOrderOfNeed(objects, handles);
  const declarations = ordered.map((object) => {
    const call = calls.get(object);
    return call ? headComment(object) + declaration(object.variable, withConstants(call, names)) : '';
  });
  const custom = new Set(prelude.builders.values());
  const used = objects.map(({ builder }) => builder ?? 'raw').filter((name) => !custom.has(name));
  const list: Code = {
    form: 'array',
    items: objects.map(({ variable }) => ({ value: { form: 'atom', text: variable, kind: 'name' } })),
  };
  const head = [
    importText([...prelude.imports, ...used], prelude.typeImports),
    prelude.text,
    constants.map(({ name, code }) => declaration(name, code)).join(''),
  ].filter((part) => part !== '');
  const last = objects.length === 0 ? [] : [`export default ${codeText(list, 0, 'export default '.length, 1)};\n`];
  return {
    text: [...head, ...declarations, ...last].join('\n'),
    misfits: objects.flatMap((object) =>
      object.misfit === undefined ? [] : [{ source: object, reason: object.misfit }],
    ),
    sourceAt: (line) => {
      let end = head.join('\n').split('\n').length;
      if (line <= end) return undefined;
      const found = declarations.findIndex((text) => line <= (end += text.split('\n').length));
      return found < 0 ? undefined : objects.findIndex((object) => object === ordered[found]);
    },
  };
}
