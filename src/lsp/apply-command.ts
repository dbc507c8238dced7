/** Which objects of a document are to be applied. */
import { isRecord } from '../shared/deep.ts';
import { withoutNulls } from '../lint/entry.ts';
import { readYaml } from '../types/yaml/read.ts';
import type { Session } from './session.ts';

export const applyCommand = 'kubewright.applyToCluster';

export interface ApplyTarget {
  readonly uri: string;
  /** All objects of the document where they are left out. */
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** `{ uri, ... }`, or just the address. */
export function readTarget(value: unknown): ApplyTarget | undefined {
  if (typeof value === 'string') return { uri: value };
  if (!isRecord(value) || typeof value['uri'] !== 'string') return undefined;
  const { uri } = value;
  const names = ['apiVersion', 'kind', 'name', 'namespace'] as const;
  const given = names.flatMap((name) => (typeof value[name] === 'string' ? [[name, value[name]] as const] : []));
  return { uri, ...Object.fromEntries(given) };
}

function isMeant(
  object: Readonly<Record<string, unknown>>,
  { apiVersion, kind, name, namespace }: ApplyTarget,
): boolean {
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
  const same = (wanted: string | undefined, given: unknown): boolean => wanted === undefined || wanted === given;
  return (
    same(apiVersion, object['apiVersion']) &&
    same(kind, object['kind']) &&
    same(name, metadata['name']) &&
    same(namespace, metadata['namespace'])
  );
}

/** In the order in which they stand there; of a program, what it makes. */
export function objectsToApply(session: Session, target: ApplyTarget): readonly object[] {
  const { uri } = target;
  const document = session.documents.get(uri);
  if (document && session.programs.reads(document)) {
    return session.programs
      .objects(document)
      .map(({ yaml }) => readYaml(yaml))
      .filter((object) => isRecord(object))
      .filter((object) => isMeant(object, target));
  }
  const view = session.view(uri);
  if (!view) return [];
  return view.pieces
    .flatMap(({ part }) => part.objects.map(({ candidate }) => withoutNulls(candidate)))
    .filter((object) => isMeant(object, target));
}
