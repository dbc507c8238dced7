/** The files that a kustomization is made of, so that whoever watches a program notices their changes. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isRecord } from '../shared/deep.ts';
import { readYamlDocuments } from '../types/yaml/read.ts';

const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
/** Fields that list files or folders. */
const lists = [
  ...['resources', 'bases', 'components', 'crds', 'configurations', 'patchesStrategicMerge'],
  ...['generators', 'transformers', 'validators'],
];
/** Fields that list objects with a path. */
const pathLists = ['patches', 'patchesJson6902', 'replacements'];
const generators = ['configMapGenerator', 'secretGenerator'];

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `helmCharts` and `openapi`. */
function otherPaths(kustomization: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { helmCharts, openapi } = kustomization;
  const ofCharts = items(helmCharts).flatMap((chart) =>
    isRecord(chart) ? [chart['valuesFile'], ...items(chart['additionalValuesFiles'])] : [],
  );
  return isRecord(openapi) ? [...ofCharts, openapi['path']] : ofCharts;
}

/** `key=file` of a generator. */
function fileOf(entry: string): string {
  return entry.includes('=') ? entry.slice(entry.indexOf('=') + 1) : entry;
}

function pathsIn(kustomization: Readonly<Record<string, unknown>>): readonly string[] {
  const found: unknown[] = [
    ...otherPaths(kustomization),
    ...lists.flatMap((field) => items(kustomization[field])),
    ...pathLists.flatMap((field) =>
      items(kustomization[field]).map((one) => (isRecord(one) ? one['path'] : undefined)),
    ),
    ...generators.flatMap((field) =>
      items(kustomization[field]).flatMap((one) =>
        isRecord(one) ? [...items(one['files']), ...items(one['envs']), one['env']] : [],
      ),
    ),
  ];
  // What is an address, or a patch written out, leads to no file.
  return found.flatMap((path) => (typeof path === 'string' && !/\n|:\/\//.test(path) ? [fileOf(path)] : []));
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && (found.isDirectory() ? 'folder' : 'file');
}

/** Absolute paths of the files and folders of a kustomization and of those that it builds upon. */
export function kustomizationInputs(folder: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(folder)) return found;
  found.add(folder);
  const file = names.map((name) => join(folder, name)).find((path) => kindOf(path) === 'file');
  if (file === undefined) return found;
  found.add(file);
  for (const { value } of readYamlDocuments(readFileSync(file, 'utf8'))) {
    for (const path of isRecord(value) ? pathsIn(value) : []) {
      const place = resolve(dirname(file), path);
      const kind = kindOf(place);
      if (kind === 'folder') kustomizationInputs(place, found);
      else if (kind === 'file') found.add(place);
    }
  }
  return found;
}
