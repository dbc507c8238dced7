/** Admission of connections to pods, Services and nodes: what is judged are the options of the request, as upstream's CONNECT. */
import { deepClone, deepEqual } from '../../../shared/deep.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { ObjectDraft } from '../fields.ts';
import type { RequestContext } from '../request-context.ts';
import type { ResourceInfo } from '../request-info.ts';
import { isTrue } from '../request-info.ts';
import type { DocumentKind } from '../subresources/subresource.ts';
import type { AdmissionRequest } from './plugin.ts';

/** How a parameter of the query is a field of the options, and back; undefined for a field that is left out. */
interface Field {
  read(query: URLSearchParams, name: string): unknown;
  write(value: unknown): readonly string[];
}

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const whole = (given: readonly string[]): readonly string[] | undefined => (given.length === 0 ? undefined : given);

const flag: Field = {
  read: (query, name) => (isTrue(query.get(name)) ? true : undefined),
  write: (value) => (value === true ? ['true'] : []),
};
/** One that is set unless the query says otherwise has to be written down when it is not. */
function defaultFlag(usual: (query: URLSearchParams) => boolean): Field {
  return {
    read: (query, name) => (isTrue(query.get(name) ?? String(usual(query))) ? true : undefined),
    write: (value) => [String(value === true)],
  };
}
const text: Field = {
  read: (query, name) => query.get(name) ?? undefined,
  write: (value) => (typeof value === 'string' && value !== '' ? [value] : []),
};
const list: Field = { read: (query, name) => whole(query.getAll(name)), write: texts };
const ports: Field = {
  read(query, name) {
    const given = query.getAll(name).flatMap((each) => each.split(','));
    return whole(given)?.map((each) => (/^\d+$/.test(each) ? Number(each) : each));
  },
  write: texts,
};

interface OptionsKind {
  readonly kind: string;
  readonly fields: Readonly<Record<string, Field>>;
}

const streams = { stdin: flag, stdout: flag, stderr: flag, tty: flag, container: text };

/** By plural and subresource. What proxies have is the path behind them. */
const optionsKinds: Readonly<Record<string, OptionsKind>> = {
  'pods/attach': {
    kind: 'PodAttachOptions',
    fields: {
      ...streams,
      stdout: defaultFlag(() => true),
      stderr: defaultFlag((query) => !isTrue(query.get('tty'))),
    },
  },
  'pods/exec': { kind: 'PodExecOptions', fields: { ...streams, command: list } },
  'pods/portforward': { kind: 'PodPortForwardOptions', fields: { ports } },
  'pods/proxy': { kind: 'PodProxyOptions', fields: {} },
  'services/proxy': { kind: 'ServiceProxyOptions', fields: {} },
  'nodes/proxy': { kind: 'NodeProxyOptions', fields: {} },
};

/**
 * Asks whoever judges connections. Answers the request as they left it; of a proxy only the path can have changed.
 *
 * @throws ApiError of the first that refuses
 */
export async function admitConnection(context: RequestContext): Promise<RequestContext> {
  const { kind, info, request, parts } = context;
  const found = kind.group === '' ? optionsKinds[`${kind.plural}/${info.subresource}`] : undefined;
  if (!found) return context;
  const draft = optionsOf(found, request.query, info);
  const before = deepClone<unknown>(draft);
  const finished: (() => void)[] = [];
  const document: DocumentKind = { group: '', version: 'v1', kind: found.kind };
  const asked = connection(context, document, (action) => finished.push(action));
  try {
    await parts.admission.mutate(asked, draft);
    await parts.admission.validate(asked, draft);
  } finally {
    for (const action of finished) action();
  }
  if (deepEqual(before, draft)) return context;
  return {
    ...context,
    request: { ...request, query: queryOf(found, draft, request.query) },
    info: info.subresource === 'proxy' ? withPath(info, draft['path'], kind) : info,
  };
}

function connection(
  { kind, info, key, request, parts, warnings }: RequestContext,
  document: DocumentKind,
  onFinished: AdmissionRequest['onFinished'],
): AdmissionRequest {
  return {
    operation: 'CONNECT',
    kind,
    document,
    subresource: info.subresource,
    namespace: key.namespace,
    name: key.name,
    user: request.user,
    dryRun: false,
    previous: undefined,
    reader: parts.reader,
    clock: parts.clock,
    warn: (line) => {
      if (!warnings.includes(line)) warnings.push(line);
    },
    onFinished,
  };
}

function optionsOf({ kind, fields }: OptionsKind, query: URLSearchParams, info: ResourceInfo): ObjectDraft {
  const draft: ObjectDraft = { kind, apiVersion: 'v1', metadata: {} };
  for (const [name, field] of Object.entries(fields)) {
    const value = field.read(query, name);
    if (value !== undefined) draft[name] = value;
  }
  const path = info.subresource === 'proxy' ? pathBehind(info) : '';
  if (path !== '') draft['path'] = path;
  return draft;
}

function queryOf({ fields }: OptionsKind, draft: ObjectDraft, before: URLSearchParams): URLSearchParams {
  const query = new URLSearchParams(before);
  for (const [name, field] of Object.entries(fields)) {
    query.delete(name);
    for (const value of field.write(draft[name])) query.append(name, value);
  }
  return query;
}

function pathBehind({ rest, path }: ResourceInfo): string {
  const joined = rest.length === 0 ? '' : `/${rest.join('/')}`;
  return path.endsWith('/') && !joined.endsWith('/') ? `${joined}/` : joined;
}

function withPath(info: ResourceInfo, value: unknown, { plural }: KindDefinition): ResourceInfo {
  const rest = (typeof value === 'string' ? value : '').split('/').slice(1);
  const behind = rest.map((segment) => `/${encodeURIComponent(segment)}`).join('');
  const root = info.namespace === '' ? '/api/v1' : `/api/v1/namespaces/${info.namespace}`;
  const path = `${root}/${plural}/${encodeURIComponent(info.name)}/${info.subresource}${behind}`;
  return { ...info, rest: rest.filter((segment) => segment !== ''), path };
}
