/** Since when Kubernetes has its kinds and fields, as far as they are younger than 1.30. */
import { sinceText } from './kinds/generated/since.gen.ts';

/** Minor versions: the first that has it is one of those from `earliest` to `latest`, mostly the same. */
export interface Since {
  readonly earliest: number;
  readonly latest: number;
  /** `1.33`, or `1.31-1.32`. */
  readonly text: string;
}

/** The oldest version that the table tells apart, and the newest, whose schema is bundled. */
export const oldestMinor = 30;
export const newestMinor = 36;

let table: ReadonlyMap<string, Since> | undefined;

function minorOf(version: string): number {
  return Number(version.slice(version.indexOf('.') + 1));
}

/** Immutable facts, parsed on first use. */
function read(): ReadonlyMap<string, Since> {
  table ??= new Map(
    sinceText
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [typeName = '', field = '', text = ''] = line.split('\t');
        const [first = '', last = first] = text.split('-');
        return [`${typeName} ${field}`, { earliest: minorOf(first), latest: minorOf(last), text }] as const;
      }),
  );
  return table;
}

/** Undefined for kinds that 1.30 has, and for those of others. `typeName` is the kind's, `networking.k8s.io/v1.IPAddress`. */
export function kindSince(typeName: string): Since | undefined {
  return read().get(`${typeName} `);
}

/** `typeName` is that of the schema that holds the field: `v1.PodSpec`. */
export function fieldSince(typeName: string, field: string): Since | undefined {
  return read().get(`${typeName} ${field}`);
}
