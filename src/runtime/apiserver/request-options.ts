/** Query parameters of the API, read and checked. */
import { isRecord } from '../../shared/deep.ts';
import { collectIssues } from '../../types/field-issue.ts';
import type { FieldIssue } from '../../types/field-issue.ts';
import type { DeleteOptions } from '../../types/kinds/generated/meta-v1.gen.ts';
import type { FieldValidation } from './object-rules.ts';
import type { ApiRequest } from './request.ts';
import { isTrue } from './request-info.ts';
import { badRequest, invalid } from './status-error.ts';

const META_GROUP = 'meta.k8s.io';

function refuse(kind: string, issues: readonly FieldIssue[]): void {
  if (issues.length > 0) throw invalid({ group: META_GROUP, kind }, '', issues);
}

/** @throws ApiError BadRequest for text that is no integer. */
export function integerParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** @throws ApiError BadRequest */
export function revisionParameter(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw badRequest(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

export interface WriteParameters {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean;
}

const FIELD_MANAGER_LIMIT = 128;

/** @throws ApiError Invalid */
export function writeParameters(
  request: ApiRequest,
  optionsKind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteParameters {
  const { query } = request;
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const manager = query.get('fieldManager') ?? '';
  const validation = query.get('fieldValidation') ?? '';
  const apply = request.contentType.startsWith('application/apply-patch');
  const issues = collectIssues((sink) => {
    if (optionsKind === 'PatchOptions') {
      if (apply && manager === '') sink.at('fieldManager').required('is required for apply patch');
      if (!apply && query.has('force')) sink.at('force').forbidden('may not be specified for non-apply patch');
    }
    if (manager.length > FIELD_MANAGER_LIMIT) sink.at('fieldManager').tooLong(manager, FIELD_MANAGER_LIMIT);
    const bad = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(manager);
    if (bad) {
      const code = (bad[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      sink.at('fieldManager').invalid(manager, `invalid character U+${code} (at position ${bad.index})`);
    }
    if (dryRun.some((value) => value !== 'All')) sink.at('dryRun').notSupported(dryRun, ['All']);
    if (!isFieldValidation(validation) && validation !== '') {
      sink.at('fieldValidation').notSupported(validation, ['', 'Ignore', 'Strict', 'Warn']);
    }
  });
  refuse(optionsKind, issues);
  return {
    dryRun: dryRun.length > 0,
    fieldManager: manager === '' ? defaultManager(request.userAgent) : manager,
    fieldValidation: isFieldValidation(validation) ? validation : 'Warn',
    force: isTrue(query.get('force')),
  };
}

function isFieldValidation(text: string): text is FieldValidation {
  return text === 'Ignore' || text === 'Warn' || text === 'Strict';
}

/** The program's name, as upstream takes it from the User-Agent: the text before the first slash. */
function defaultManager(userAgent: string): string {
  const [name = ''] = userAgent.split('/');
  return name === '' ? 'unknown' : name.slice(0, FIELD_MANAGER_LIMIT);
}

export interface ListParameters {
  readonly limit: number | undefined;
  readonly continueToken: string;
  readonly resourceVersion: string;
  readonly match: string;
  readonly timeoutSeconds: number | undefined;
  readonly bookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/** @throws ApiError BadRequest, Invalid */
export function listParameters(query: URLSearchParams, watching: boolean): ListParameters {
  const initial = query.get('sendInitialEvents');
  const parameters: ListParameters = {
    limit: integerParameter(query, 'limit'),
    continueToken: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    match: query.get('resourceVersionMatch') ?? '',
    timeoutSeconds: integerParameter(query, 'timeoutSeconds'),
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: initial === null || initial === '' ? undefined : isTrue(initial),
  };
  refuse('ListOptions', listIssues(parameters, watching));
  return parameters;
}

function listIssues(parameters: ListParameters, watching: boolean): readonly FieldIssue[] {
  const { match, resourceVersion, continueToken, sendInitialEvents } = parameters;
  return collectIssues((sink) => {
    const at = sink.at('resourceVersionMatch');
    if (watching && sendInitialEvents !== undefined) {
      if (match === '') at.forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
      else if (match !== 'NotOlderThan') at.notSupported(match, ['NotOlderThan']);
      return;
    }
    if (watching) {
      if (match !== '')
        at.forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
      return;
    }
    if (sendInitialEvents !== undefined)
      sink.at('sendInitialEvents').forbidden('sendInitialEvents is forbidden for list');
    if (match === '') return;
    if (resourceVersion === '') at.forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (continueToken !== '') at.forbidden('resourceVersionMatch is forbidden when continue is provided');
    if (match !== 'Exact' && match !== 'NotOlderThan') at.notSupported(match, ['Exact', 'NotOlderThan', '']);
    if (match === 'Exact' && resourceVersion === '0') {
      at.forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  });
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];

/** The body wins over the query. @throws ApiError BadRequest, Invalid */
export function deleteOptions(request: ApiRequest): DeleteOptions {
  const { body, query } = request;
  const options = isRecord(body) && Object.keys(body).length > 0 ? decodedOptions(body) : queryOptions(query);
  const { dryRun = [], propagationPolicy: policy, orphanDependents: orphan } = options;
  const issues = collectIssues((sink) => {
    if (policy !== undefined && orphan !== undefined) {
      sink.at('propagationPolicy').invalid(policy, 'orphanDependents and deletionPropagation cannot be both set');
    }
    if (policy !== undefined && !POLICIES.includes(policy)) {
      sink.at('propagationPolicy').notSupported(policy, [...POLICIES, 'nil']);
    }
    if (dryRun.some((value) => value !== 'All')) sink.at('dryRun').notSupported(dryRun, ['All']);
  });
  refuse('DeleteOptions', issues);
  return options;
}

function queryOptions(query: URLSearchParams): DeleteOptions {
  const grace = integerParameter(query, 'gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const orphan = query.get('orphanDependents');
  const dryRun = query.getAll('dryRun');
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(policy === null || policy === '' ? {} : { propagationPolicy: policy }),
    ...(orphan === null ? {} : { orphanDependents: isTrue(orphan) }),
    ...(dryRun.length === 0 ? {} : { dryRun }),
  };
}

function decodedOptions(body: Record<string, unknown>): DeleteOptions {
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, dryRun, preconditions, kind } = body;
  if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions') {
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for the options of a deletion, it must be DeleteOptions`,
    );
  }
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  const given = isRecord(preconditions) ? preconditions : {};
  const [uid, resourceVersion, policy] = [text(given['uid']), text(given['resourceVersion']), text(propagationPolicy)];
  if (gracePeriodSeconds !== undefined && gracePeriodSeconds !== null && !Number.isInteger(gracePeriodSeconds)) {
    throw badRequest('json: cannot unmarshal DeleteOptions.gracePeriodSeconds into an int64');
  }
  return {
    ...(typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds } : {}),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(typeof orphanDependents === 'boolean' ? { orphanDependents } : {}),
    ...(Array.isArray(dryRun) && dryRun.length > 0 ? { dryRun: dryRun.map(String) } : {}),
    ...(uid === undefined && resourceVersion === undefined
      ? {}
      : {
          preconditions: {
            ...(uid === undefined ? {} : { uid }),
            ...(resourceVersion === undefined ? {} : { resourceVersion }),
          },
        }),
  };
}
