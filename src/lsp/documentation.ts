/** The texts of the API's documentation, read when somebody asks for the first one. */
import { isRecord } from '../shared/deep.ts';
import type { Descriptions } from './schema-place.ts';

let loaded: Promise<Descriptions> | undefined;

function isDescriptions(value: unknown): value is Descriptions {
  return isRecord(value);
}

async function load(): Promise<Descriptions> {
  const { descriptionsText } = await import('../types/kinds/generated/descriptions.gen.ts');
  const texts: unknown = JSON.parse(descriptionsText);
  return isDescriptions(texts) ? texts : {};
}

export function descriptions(): Promise<Descriptions> {
  loaded ??= load();
  return loaded;
}
