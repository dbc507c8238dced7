/** Accept header -> form of the answer. Pure. */
import type { ApiRequest } from './request.ts';
import { notAcceptable } from './status-error.ts';

export type MediaType = 'json' | 'yaml' | 'protobuf';

export interface AcceptedForm {
  readonly mediaType: MediaType;
  readonly as?: NonNullable<ApiRequest['as']>;
  readonly metaVersion?: 'v1' | 'v1beta1';
  /** Indented for people: browsers and curl with `pretty`. */
  readonly pretty: boolean;
}

const MEDIA_TYPES: ReadonlyMap<string, MediaType> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
  ['application/*', 'json'],
  ['*/*', 'json'],
]);

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** The best form that the client takes and the server has; not of every resource there are tables. @throws ApiError NotAcceptable */
export function acceptedForm(accept: string, pretty: boolean, hasTables = true): AcceptedForm {
  if (accept === '' || accept === '*/*' || accept === 'application/json') return { mediaType: 'json', pretty };
  for (const clause of clausesOf(accept)) {
    const mediaType = MEDIA_TYPES.get(clause.type);
    if (mediaType === undefined || clause.quality === 0) continue;
    const form = formOf(clause, mediaType, pretty);
    if (form && (hasTables || form.as !== 'Table')) return form;
  }
  throw notAcceptable();
}

/** The version of aggregated discovery that the client takes; undefined: the old documents. */
export function acceptedDiscovery(accept: string): 'v2' | 'v2beta1' | undefined {
  for (const { type, parameters } of clausesOf(accept)) {
    if (parameters.get('as') === undefined && (type === 'application/json' || type === '*/*')) return undefined;
    if (type !== 'application/json' || parameters.get('as') !== 'APIGroupDiscoveryList') continue;
    const version = parameters.get('v');
    if (parameters.get('g') === 'apidiscovery.k8s.io' && (version === 'v2' || version === 'v2beta1')) return version;
  }
  return undefined;
}

function formOf({ parameters }: Clause, mediaType: MediaType, pretty: boolean): AcceptedForm | undefined {
  const as = parameters.get('as');
  if (as === undefined) return { mediaType, pretty: pretty || parameters.get('pretty') === '1' };
  const [group, version] = [parameters.get('g'), parameters.get('v')];
  if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as !== 'Table' && as !== 'PartialObjectMetadata' && as !== 'PartialObjectMetadataList') return undefined;
  // Tables in protobuf do not exist upstream either; the client names JSON next.
  if (as === 'Table' && mediaType === 'protobuf') return undefined;
  return { mediaType, pretty, as, metaVersion: version };
}

function clausesOf(accept: string): readonly Clause[] {
  const clauses = accept.split(',').map((text) => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters = new Map<string, string>();
    for (const part of rest) {
      const [name = '', value = ''] = part.split('=');
      parameters.set(name.trim().toLowerCase(), value.trim().replace(/^"|"$/g, ''));
    }
    const quality = Number(parameters.get('q') ?? '1');
    return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 };
  });
  return clauses
    .map((clause, index) => ({ clause, index }))
    .sort((a, b) => b.clause.quality - a.clause.quality || a.index - b.index)
    .map(({ clause }) => clause);
}
