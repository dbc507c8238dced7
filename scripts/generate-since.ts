/**
 * Makes scripts/facts/since.tsv: which kinds and fields came after Kubernetes 1.30. The old client packages are too heavy to depend on, so the table is committed. Each argument is VERSION=FOLDER of an unpacked
 * @kubernetes/client-node: 1.0.0-rc6 is 1.30, 1.0.0 is 1.32, 1.2.0 is 1.33, 1.4.0 is 1.34, 2.0.1 is 1.36.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readModels, readPaths } from './generate/client-node.ts';
import type { Model } from './generate/client-node.ts';
import { findKinds } from './generate/kinds.ts';
import { readWireFacts } from './generate/wire-facts.ts';

interface Minor {
  readonly version: string;
  readonly models: ReadonlyMap<string, Model>;
  readonly kinds: ReadonlySet<string>;
}

const root = resolve(dirname(process.argv[1] ?? '.'), '..');
const wire = readWireFacts(join(root, 'scripts/facts/wire-1.36.tsv'));

function readMinor(argument: string): Minor {
  const [version = '', folder = ''] = argument.split('=');
  const { kinds } = findKinds(readPaths(folder), () => true);
  return { version, models: readModels(folder), kinds: new Set(kinds.map(({ typeName }) => typeName)) };
}

const words = process.argv.slice(2).sort();
const minors = words.map(readMinor);
const newest = words.at(-1)?.split('=')[1];
if (newest === undefined || minors.length < 2) {
  throw new Error('usage: node scripts/run.mjs scripts/generate-since.ts 1.30=FOLDER ... 1.36=FOLDER');
}

function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}

/** Where the packages leave two versions open and the feature's KEP says which: what people write into manifests. */
const known: Readonly<Record<string, string>> = {
  'networking.k8s.io/v1beta1.IPAddress': '1.31', // KEP-1880
  'networking.k8s.io/v1beta1.ServiceCIDR': '1.31', // KEP-1880
  'storage.k8s.io/v1beta1.VolumeAttributesClass': '1.31', // KEP-3751
  'v1.Volume image': '1.31', // KEP-4639
  'v1.PodSecurityContext supplementalGroupsPolicy': '1.31', // KEP-3619
  'v1.PodSecurityContext seLinuxChangePolicy': '1.32', // KEP-1710
  'v1.PodSpec resources': '1.32', // KEP-2837
};

/** `1.32`, or `1.31-1.32` where it is not known which: the versions between the last without and the first with. */
function between(without: string, withIt: string): string {
  const from = minorOf(without) + 1;
  return from === minorOf(withIt) ? withIt : `1.${from}-${withIt}`;
}

/** When something came, from whether each minor has it; undefined where it was always there. */
function sinceOf(has: readonly boolean[]): string | undefined {
  const first = has.indexOf(true);
  return first <= 0 ? undefined : between(minors[first - 1]?.version ?? '', minors[first]?.version ?? '');
}

/** The classes that stand for the types of the newest version, by walking both from the kinds down. */
function classesOfTypes(): ReadonlyMap<string, string> {
  const models = minors.at(-1)?.models;
  const inner = (type: string): string => {
    const found = /^Array<(.*)>$/.exec(type)?.[1] ?? /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
    return found === undefined ? type : inner(found);
  };
  const pending = [...findKinds(readPaths(newest ?? ''), (name) => wire.has(name)).roots];
  const found = new Map<string, string>();
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [className, typeName] = next;
    if (found.has(typeName)) continue;
    found.set(typeName, className);
    for (const property of models?.get(className)?.properties.values() ?? []) {
      const child = wire
        .get(typeName)
        ?.fields.get(property.name)
        ?.type.replace(/^(?:\[\]|map:)+/, '');
      if (child !== undefined && wire.has(child)) pending.push([inner(property.type), child]);
    }
  }
  return found;
}

const lines: string[] = [];
for (const kind of [...(minors.at(-1)?.kinds ?? [])].filter((name) => wire.has(name)).sort()) {
  const since = sinceOf(minors.map(({ kinds }) => kinds.has(kind)));
  if (since !== undefined) lines.push(`${kind}\t\t${known[kind] ?? since}`);
}
for (const [typeName, className] of [...classesOfTypes()].sort(([a], [b]) => (a < b ? -1 : 1))) {
  // A class that is new, or has a new name, says nothing of its fields: what leads to it does.
  const having = minors.filter(({ models }) => models.has(className));
  const names = having.at(-1)?.models.get(className)?.properties.keys() ?? [];
  for (const name of [...names].sort()) {
    const has = having.map(({ models }) => models.get(className)?.properties.has(name) === true);
    const first = has.indexOf(true);
    const [without, withIt] = [having[first - 1], having[first]];
    if (!without || !withIt) continue;
    const since = known[`${typeName} ${name}`] ?? between(without.version, withIt.version);
    lines.push(`${typeName}\t${name}\t${since}`);
  }
}

const versions = minors.map(({ version }) => version);
const header = `# Kinds (those without a field) and fields that came after Kubernetes ${versions[0] ?? ''}, from the published client packages of
# ${versions.join(', ')} (Apache-2.0): type, field, first version that has it. Two versions with a dash: in one of them.
`;
writeFileSync(join(root, 'scripts/facts/since.tsv'), `${header}${lines.join('\n')}\n`);
console.log(`${lines.length} lines`);
