/** Other packages that know the kinds of Kubernetes, and how a program is written with each. */
import type { KindBase } from '../../src/types/define-kind.ts';
import type { Dialect } from './plain-program.ts';

export interface Rival extends Dialect {
  /** For the head of the column. */
  readonly title: string;
  /** Exact versions, the one that is compared first. */
  readonly packages: Readonly<Record<string, string>>;
  /** The function that checks the objects of a program at run time, of an ES module that exports it; absent where the package has none. */
  readonly check?: string;
}

function grouped(
  kinds: readonly KindBase[],
  name: (kind: KindBase) => string,
): readonly (readonly [KindBase, string])[] {
  const groups = new Map<string, readonly [KindBase, readonly string[]]>();
  for (const kind of kinds) {
    const [first, names] = groups.get(kind.apiVersion) ?? [kind, []];
    groups.set(kind.apiVersion, [first, [...names, name(kind)]]);
  }
  return [...groups.values()].map(([first, names]) => [first, names.join(', ')]);
}

function satisfying(type: string, { apiVersion, kind }: KindBase, fields: string): string {
  return `({ apiVersion: '${apiVersion}', kind: '${kind}', ${fields} } satisfies ${type})`;
}

/** As the generator of client-node has it: fields whose names are words of JavaScript. */
const reserved: ReadonlySet<string> = new Set(['from', 'continue', 'default', 'enum', 'not']);
const clientNodeName = ({ version, kind }: KindBase): string =>
  `${version[0]?.toUpperCase() ?? ''}${version.slice(1)}${kind}`;

/** jsii's casing: `nonResourceURLs` is nonResourceUrLs there. */
function camelCased(name: string): string {
  return name.replace(/([A-Z])([A-Z]+)(?![a-z])/g, (_, head: string, rest: string) => head + rest.toLowerCase());
}
const kubeName = ({ version, kind }: KindBase): string => `Kube${kind}${version === 'v1' ? '' : version.toUpperCase()}`;
const wrappers: Readonly<Record<string, string>> = { quantity: 'Quantity', 'int-or-string': 'IntOrString' };

export const rivals: readonly Rival[] = [
  {
    title: 'kubernetes-types',
    packages: { 'kubernetes-types': '1.30.0' },
    head: (kinds) =>
      grouped(kinds, ({ kind }) => kind)
        .map(([{ group, version }, names]) => {
          const folder = group === '' ? 'core' : (group.split('.')[0] ?? '');
          return `import type { ${names} } from 'kubernetes-types/${folder}/${version}';`;
        })
        .join('\n'),
    object: (kind, fields) => satisfying(kind.kind, kind, fields),
  },
  {
    title: 'kubernetes-models',
    packages: { 'kubernetes-models': '5.1.0' },
    head: (kinds) =>
      grouped(kinds, ({ kind }) => kind)
        .map(([{ apiVersion }, names]) => `import { ${names} } from 'kubernetes-models/${apiVersion}';`)
        .join('\n'),
    object: ({ kind }, fields) => `new ${kind}({ ${fields} })`,
    check: 'export default (program) => { for (const object of program.default) object.validate(); };',
  },
  {
    title: 'client-node',
    packages: { '@kubernetes/client-node': '2.0.1' },
    head: (kinds) => `import type { ${kinds.map(clientNodeName).join(', ')} } from '@kubernetes/client-node';`,
    object: (kind, fields) => satisfying(clientNodeName(kind), kind, fields),
    field: (name) => (reserved.has(name) ? `_${name}` : name),
  },
  {
    title: 'cdk8s-plus-34 (L1)',
    packages: { 'cdk8s-plus-34': '2.0.54', cdk8s: '2.70.106', constructs: '10.8.1' },
    head: () =>
      "import { App, Chart } from 'cdk8s';\nimport { k8s } from 'cdk8s-plus-34';\nexport const app = new App();\nconst chart = new Chart(app, 'app');",
    object: (kind, fields, index) => `new k8s.${kubeName(kind)}(chart, 'object${index}', { ${fields} })`,
    field: camelCased,
    value: (text, type) => {
      const wrapper = wrappers[type];
      return wrapper === undefined ? text : `k8s.${wrapper}.from${/^\d/.test(text) ? 'Number' : 'String'}(${text})`;
    },
    check: 'export default (program) => { program.app.synthYaml(); };',
  },
];
