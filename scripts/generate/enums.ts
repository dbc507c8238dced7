/** Reads the enumerated properties of kubernetes-models: its declarations spell them as unions of literals. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Property name -> values (of the items, for lists) of the type `apps/v1.DeploymentSpec`. */
export function readEnums(packageFolder: string, typeName: string): ReadonlyMap<string, readonly string[]> {
  const at = typeName.lastIndexOf('.');
  const file = join(packageFolder, typeName.slice(0, at), `${typeName.slice(at + 1)}.d.ts`);
  const enums = new Map<string, readonly string[]>();
  if (!existsSync(file)) return enums;
  const pattern = /^ {4}"([^"]+)"\??: (?:Array<)?((?:"[^"]*"(?: \| )?)+)>?;/gm;
  for (const match of readFileSync(file, 'utf8').matchAll(pattern)) {
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
