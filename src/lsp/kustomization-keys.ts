/** What may stand in a kustomization (kubectl.docs.kubernetes.io/references/kustomize/kustomization); no API serves that kind. */
import { dirname, relative } from 'node:path';
import type { Schema } from '../types/schema.ts';
import type { ObjectView } from './object-view.ts';
import type { Project } from './project.ts';

export const kustomizationKeys: Readonly<Record<string, Schema['type']>> = {
  resources: 'array',
  components: 'array',
  namespace: 'string',
  namePrefix: 'string',
  nameSuffix: 'string',
  labels: 'array',
  commonAnnotations: 'map',
  images: 'array',
  replicas: 'array',
  patches: 'array',
  replacements: 'array',
  configMapGenerator: 'array',
  secretGenerator: 'array',
  generatorOptions: 'object',
  helmCharts: 'array',
  generators: 'array',
  transformers: 'array',
  crds: 'array',
  openapi: 'object',
  buildMetadata: 'array',
};

export function isKustomization({ apiVersion, kindName }: ObjectView): boolean {
  return apiVersion?.startsWith('kustomize.config.k8s.io/') === true || kindName === 'Kustomization';
}

const fileLists: ReadonlySet<unknown> = new Set(['resources', 'components', 'crds', 'generators', 'transformers']);
const mostFiles = 200;

/** Files of the folder and below that the lists of a kustomization may name. */
export function kustomizationFiles(
  project: Project,
  path: string,
  at: readonly (string | number)[],
): readonly string[] {
  const isPatchFile = at[0] === 'patches' && at.at(-1) === 'path';
  if (!isPatchFile && !(at.length === 2 && fileLists.has(at[0]))) return [];
  const folder = dirname(path);
  const names: string[] = [];
  for (const { path: file } of project.workspace.files()) {
    const name = relative(folder, file);
    if (file !== path && name !== '' && !name.startsWith('..') && !name.includes(':')) names.push(name);
    if (names.length >= mostFiles) break;
  }
  return names;
}
