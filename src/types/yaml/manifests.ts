/** Files of manifests as kubectl reads them: documents of YAML, objects of JSON one after the other, lists for their items. */
import { jsonObjectStarts } from './json-stream.ts';
import { readYamlDocuments } from './read.ts';
import type { YamlDocument } from './read.ts';

/** Like `readYamlDocuments`, and objects of JSON need no marker between them. */
export function readManifests(text: string): readonly YamlDocument[] {
  const starts = jsonObjectStarts(text);
  if (starts.length < 2) return readYamlDocuments(text);
  // Blanks before each keep its places those of the file.
  return starts.flatMap((start, index) =>
    readYamlDocuments(text.slice(0, start).replace(/[^\n]/g, ' ') + text.slice(start, starts[index + 1])),
  );
}
