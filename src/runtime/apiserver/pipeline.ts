/** The way of every request: authorize, find the handler, act, present. Authentication is the listener's, admission the storage's. */
import { denialText, authorize } from './authorization.ts';
import type { Attributes } from './authorization.ts';
import type { ApiRequest, ApiResponse, Dispatch } from './request.ts';
import type { Answer, RequestContext, ServerParts } from './request-context.ts';
import type { RequestInfo, ResourceInfo } from './request-info.ts';
import { requestInfo } from './request-info.ts';
import { handlerOf } from './routes.ts';
import { selectedName } from './selection.ts';
import { ApiError, apiErrorOf, forbidden, notAcceptable, pathNotFound, statusOf } from './status-error.ts';
import { presented, presentedEvents } from './table-answer.ts';

/** An answer with what its headers say. */
export type Outcome = Answer & { readonly warnings: readonly string[] };

/** Where failures that are not the client's fault are told. */
export type OnFailure = (error: unknown, request: ApiRequest) => void;

export class Pipeline {
  readonly #parts: ServerParts;
  readonly #onFailure: OnFailure;

  constructor(parts: ServerParts, onFailure: OnFailure) {
    this.#parts = parts;
    this.#onFailure = onFailure;
  }

  /**
   * Answers a request for a resource. Never rejects. `withBody` adds the body; it is called only for those who may do what they
   * ask for, so that nobody else can make the server read.
   */
  async run(bare: ApiRequest, withBody?: (info: RequestInfo) => Promise<ApiRequest>): Promise<Outcome> {
    try {
      const info = requestInfo(bare, this.#parts.registry);
      this.authorize(bare, info);
      if (!info.isResourceRequest) throw pathNotFound();
      const handler = handlerOf(info);
      const request = withBody ? await withBody(info) : bare;
      const context = this.context(request, info);
      if (context.kind.deprecation !== undefined) context.warnings.push(context.kind.deprecation);
      const answer = await handler(context);
      return { ...this.#present(answer, context), warnings: context.warnings };
    } catch (error) {
      return this.refusal(error, bare);
    }
  }

  /** The seam for clients in the same process. */
  readonly dispatch: Dispatch = async (request) => {
    const { warnings, ...answer } = await this.run(request);
    if (answer.type === 'object') return { status: answer.status, object: answer.object, warnings };
    if (answer.type === 'watch') return { status: 200, events: answer.events, warnings };
    return refusedInProcess();
  };

  /** @throws ApiError Forbidden */
  authorize(request: ApiRequest, info: RequestInfo, verb: string = info.verb): void {
    const { user } = request;
    const attributes: Attributes = info.isResourceRequest
      ? { ...info, user, verb, name: askedName(request, info) }
      : { isResourceRequest: false, user, verb, path: info.path };
    const { allowed, reason } = authorize(attributes, this.#parts.roles);
    if (allowed) return;
    const cause = `${denialText(attributes)}${reason === '' ? '' : `: ${reason}`}`;
    if (!attributes.isResourceRequest) throw new ApiError('Forbidden', `forbidden: ${cause}`, {});
    throw forbidden({ group: attributes.group, plural: attributes.resource }, attributes.name, cause);
  }

  /** @throws ApiError NotFound */
  context(request: ApiRequest, info: ResourceInfo): RequestContext {
    if (!info.kind) throw pathNotFound();
    const { kind } = info;
    const key = { namespace: kind.scope === 'Namespaced' ? info.namespace : '', name: info.name };
    return { request, info, kind, key, storage: this.#parts.storage(kind), parts: this.#parts, warnings: [] };
  }

  refusal(error: unknown, request: ApiRequest): Outcome {
    const refusal = apiErrorOf(error);
    if (!(error instanceof ApiError) && !request.signal.aborted) this.#onFailure(error, request);
    return { type: 'object', status: refusal.code, object: statusOf(refusal), warnings: [] };
  }

  #present(answer: Answer, { kind, request }: RequestContext): Answer {
    const { clock } = this.#parts;
    if (request.as === undefined || answer.type === 'bytes') return answer;
    if (answer.type === 'watch')
      return { type: 'watch', events: presentedEvents(answer.events, kind, request, () => clock.now()) };
    return { ...answer, object: presented(answer.object, kind, request, clock.now()) };
  }
}

const COLLECTION_VERBS: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection']);

// A list or watch of one name is allowed to who may read that name only: so informers of single objects work.
function askedName(request: ApiRequest, info: ResourceInfo): string {
  return info.name === '' && COLLECTION_VERBS.has(info.verb) ? selectedName(request.query) : info.name;
}

function refusedInProcess(): ApiResponse {
  const refusal = notAcceptable();
  return { status: refusal.code, object: statusOf(refusal) };
}
