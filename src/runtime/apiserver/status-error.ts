/** Refusals of the API server: one table of reasons, the texts that clients know, and their Status document. */
import type { KindBase } from '../../types/define-kind.ts';
import type { FieldIssue } from '../../types/field-issue.ts';
import { pathText } from '../../types/field-issue.ts';
import type { KubeObject } from '../../types/meta.ts';
import type { Status, StatusCause, StatusDetails } from '../../types/kinds/generated/meta-v1.gen.ts';
import { StoreUnavailable } from '../storage/store.ts';

/** Status reasons with the HTTP code that each of them has (apimachinery, StatusReason). */
export const reasonCodes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  /** Upstream answers some malformed patches so, without a reason. */
  Unknown: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const;

export type StatusReason = keyof typeof reasonCodes;

/** What a refusal is about. */
export type ResourceName = Pick<KindBase, 'group' | 'plural'>;

export class ApiError extends Error {
  readonly code: number;

  constructor(
    readonly reason: StatusReason,
    message: string,
    readonly details: StatusDetails = {},
    /** Continue token that an expired list hands back. */
    readonly continueToken?: string,
    /** Another code than the reason's own, where somebody else decides on it. */
    code: number = reasonCodes[reason],
  ) {
    super(message);
    this.code = code;
  }
}

/** A Status is an object like any other, except that its metadata is that of a list. */
export type StatusObject = Status & KubeObject;

/** `deployments.apps`, or `pods` for the core group. */
export function resourceText(resource: ResourceName): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

function detailsOf(resource: ResourceName, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.plural,
  };
}

export function badRequest(message: string): ApiError {
  return new ApiError('BadRequest', message);
}

export function notFound(resource: ResourceName, name: string): ApiError {
  return new ApiError('NotFound', `${resourceText(resource)} "${name}" not found`, detailsOf(resource, name));
}

/** No such path. */
export function pathNotFound(): ApiError {
  return new ApiError('NotFound', 'the server could not find the requested resource');
}

export function alreadyExists(resource: ResourceName, name: string, remark = ''): ApiError {
  const message = `${resourceText(resource)} "${name}" already exists${remark}`;
  return new ApiError('AlreadyExists', message, detailsOf(resource, name));
}

export function conflict(resource: ResourceName, name: string, cause: string): ApiError {
  const message = `Operation cannot be fulfilled on ${resourceText(resource)} "${name}": ${cause}`;
  return new ApiError('Conflict', message, detailsOf(resource, name));
}

export const OUTDATED = 'the object has been modified; please apply your changes to the latest version and try again';

/** `pods "web" is forbidden: <cause>`; without a name `pods is forbidden: <cause>`. */
export function forbidden(
  resource: ResourceName,
  name: string,
  cause: string,
  causes?: readonly StatusCause[],
): ApiError {
  const subject = name === '' ? resourceText(resource) : `${resourceText(resource)} "${name}"`;
  return new ApiError('Forbidden', `${subject} is forbidden: ${cause}`, {
    ...detailsOf(resource, name),
    ...(causes ? { causes } : {}),
  });
}

/** 422 with one cause per issue. */
export function invalid(kind: Pick<KindBase, 'group' | 'kind'>, name: string, issues: readonly FieldIssue[]): ApiError {
  const causes = issues.map((issue) => ({
    reason: issue.reason,
    message: issue.message,
    // Upstream's word for the object as a whole.
    field: pathText(issue.path) || '<nil>',
  }));
  // A repeated complaint is said once in the message (apimachinery, Aggregate), but stays among the causes.
  const sentences = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))];
  const all = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`;
  const kindText = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new ApiError('Invalid', `${kindText} "${name}" is invalid: ${all}`, {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes,
  });
}

export function methodNotAllowed(): ApiError {
  return new ApiError('MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

export function notAcceptable(): ApiError {
  return new ApiError(
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return new ApiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

export function entityTooLarge(limit: number): ApiError {
  return new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);
}

export function unauthorized(): ApiError {
  return new ApiError('Unauthorized', 'Unauthorized');
}

/** The watch or list asked for a state that has been forgotten. */
export function tooOldResourceVersion(asked: number, oldest: number): ApiError {
  return new ApiError('Expired', `too old resource version: ${asked} (${oldest})`);
}

/** The request names a revision that is not reached yet. */
export function tooLargeResourceVersion(asked: number, current: number): ApiError {
  return new ApiError('Timeout', `Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** Any error as a refusal. What is not an `ApiError` is a defect or a failure of the machine, and reads so. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof StoreUnavailable) {
    return new ApiError('ServiceUnavailable', `the store cannot take the request now: ${message}`, {
      retryAfterSeconds: 1,
    });
  }
  return new ApiError('InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

export function statusOf(error: ApiError): StatusObject {
  const hasDetails = Object.keys(error.details).length > 0;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: error.continueToken === undefined ? {} : listMeta(error.continueToken),
    status: 'Failure',
    message: error.message,
    ...(error.reason === 'Unknown' ? {} : { reason: error.reason }),
    ...(hasDetails ? { details: error.details } : {}),
    code: error.code,
  };
}

function listMeta(continueToken: string): { readonly continue: string } {
  return { continue: continueToken };
}

/** The answer to a deletion that is done. */
export function deletedStatus(resource: ResourceName, name: string, uid: string | undefined): StatusObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { ...detailsOf(resource, name), ...(uid === undefined ? {} : { uid }) },
  };
}
