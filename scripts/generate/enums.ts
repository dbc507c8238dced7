/** Reads from kubernetes-models what the client package lacks: enumerated properties and descriptions of nested objects. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

function declarationsOf(packageFolder: string, typeName: string): string {
  const at = typeName.lastIndexOf('.');
  const file = join(packageFolder, typeName.slice(0, at), `${typeName.slice(at + 1)}.d.ts`);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Property name -> description. The client package has none for properties that refer to another type. */
export function readDescriptions(packageFolder: string, typeName: string): ReadonlyMap<string, string> {
  const descriptions = new Map<string, string>();
  const pattern = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*^ {4}"([^"]+)"\??:/gm;
  for (const [, comment = '', name = ''] of declarationsOf(packageFolder, typeName).matchAll(pattern)) {
    const text = comment
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, ''))
      .join('\n')
      .trim()
      // The declarations escape what Markdown would take for markup.
      .replaceAll(/\\([\\*_`#<>|~-])/g, '$1');
    if (text !== '' && !descriptions.has(name)) descriptions.set(name, text);
  }
  return descriptions;
}

/** Property name -> values (of the items, for lists) of the type `apps/v1.DeploymentSpec`. */
export function readEnums(packageFolder: string, typeName: string): ReadonlyMap<string, readonly string[]> {
  const enums = new Map<string, readonly string[]>();
  const pattern = /^ {4}"([^"]+)"\??: (?:Array<)?((?:"[^"]*"(?: \| )?)+)>?;/gm;
  for (const match of declarationsOf(packageFolder, typeName).matchAll(pattern)) {
    const [, name = '', union = ''] = match;
    if (name === 'apiVersion' || name === 'kind') {
      // Of an object these two are its identity; of AzureDisk and the like, `kind` is an enumeration.
      if (!union.includes(' | ')) continue;
    }
    enums.set(
      name,
      union.split(' | ').map((text) => text.slice(1, -1)),
    );
  }
  return enums;
}
