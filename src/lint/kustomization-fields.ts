/** The fields of kustomization files: kustomize refuses all others (kubectl.docs.kubernetes.io/references/kustomize/kustomization). */
import { nearest } from '../compiler/nearest.ts';
import { isRecord } from '../shared/deep.ts';
import { rangeIn } from './document.ts';
import type { DocumentPart, Found } from './document.ts';

const fields: ReadonlySet<string> = new Set(
  `apiVersion kind metadata bases buildMetadata commonAnnotations commonLabels components configMapGenerator configurations
  crds generatorOptions generators helmChartInflationGenerator helmCharts helmGlobals images imageTags labels namePrefix
  nameSuffix namespace openapi patches patchesJson6902 patchesStrategicMerge replacements replicas resources secretGenerator
  sortOptions transformers validators vars`.split(/\s+/),
);

/** Its decoder, Go's, does not tell capitals from small letters. */
const lowerCase: ReadonlySet<string> = new Set([...fields].map((name) => name.toLowerCase()));

/** What kustomize would not take of a kustomization. */
export function unknownKustomizationFields({ yaml }: DocumentPart): readonly Found[] {
  return yaml.flatMap((document) => {
    const { partial } = document;
    if (!isRecord(partial)) return [];
    return Object.keys(partial)
      .filter((name) => !lowerCase.has(name.toLowerCase()))
      .map((name): Found => {
        const similar = nearest(name, fields);
        const hint = similar === undefined ? '' : `; did you mean ${similar}?`;
        const range = rangeIn(document, [name], 'key');
        const message = `kustomize has no field ${name}${hint}`;
        return { layer: 'structure', rule: 'unknown-field', severity: 'error', message, fieldPath: [name], range };
      });
  });
}
