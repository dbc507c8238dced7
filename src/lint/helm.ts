/** Templates are no manifests before they are rendered. */

const action =
  /\{\{-?\s*(?:\/\*|(?:if|else|end|range|with|define|include|template|block|tpl|toYaml|required|default|printf|quote|lookup)\b|\.(?:Values|Release|Chart|Files|Capabilities|Template)\b|\$)/;

/** The lines of a text that are not the content of block scalars; where the text is broken, as nearly as can be told. */
function* structuralLines(text: string): Iterable<string> {
  let block = -1;
  for (const line of text.split('\n')) {
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    if (block >= 0 && (line.trim() === '' || indent > block)) continue;
    block = /(?:^|[:-]\s+)[|>][-+0-9]*\s*(?:#.*)?$/.test(line) ? indent : -1;
    yield line;
  }
}

/** Where no text of a manifest can begin with braces: at the beginning of a line, of a value or of an item, without quotes. */
const placeholder = /^\s*(?:-\s+)*(?:\{\{|\{%)|^[^#"'\n]*(?::|-)\s+\{\{|^[^#"'\n]*[^\s"'#]\{\{.*\}\}/;

/** Whether the text is a template of a chart, or of a tool like it. `broken` is whether it does not read as YAML. */
export function isTemplate(text: string, broken: boolean, inChart: boolean): boolean {
  if (!text.includes('{{') && !(broken && text.includes('{%'))) return false;
  if (inChart) return true;
  if (broken) {
    for (const line of structuralLines(text)) if (placeholder.test(line)) return true;
    return false;
  }
  // Texts of other template languages stand in sound manifests too: alerts, dashboards, workflows.
  return (
    action.test(text) &&
    /^[^#\n"'|>]*(?::|-)\s+["']?\{\{-?\s*(?:\.(?:Values|Release|Chart)\b|include\b|template\b)/m.test(text)
  );
}

/** `charts/web/templates/deployment.yaml` for the folder `charts/web` of a Chart.yaml. */
export function isInChart(file: string, chartFolders: ReadonlySet<string>): boolean {
  const match = /^(.*?)(?:^|\/)templates\//.exec(file);
  if (!match) return false;
  for (let at = file.indexOf('templates/'); at >= 0; at = file.indexOf('templates/', at + 1)) {
    if (at === 0 ? chartFolders.has('') : chartFolders.has(file.slice(0, at - 1))) return true;
  }
  return false;
}

/** What a chart says of itself and what it is given: `values.yaml`, `values-prod.yaml`, `ci/small-values.yaml`. */
export function isChartSetting(file: string, chartFolders: ReadonlySet<string>): boolean {
  if (chartFolders.size === 0) return false;
  const slash = file.lastIndexOf('/');
  const [folder, name] = slash < 0 ? ['', file] : [file.slice(0, slash), file.slice(slash + 1)];
  if (chartFolders.has(folder)) return /^(?:Chart|requirements|values.*)\.(?:ya?ml|json|lock)$/.test(name);
  return /(?:^|\/)ci$/.test(folder) && chartFolders.has(folder.replace(/\/?ci$/, '')) && /values\.ya?ml$/.test(name);
}
