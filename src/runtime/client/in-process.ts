/** A client inside the server's process: the same requests and the same pipeline, without bytes in between. */
import type { ApiResponse, Dispatch, UserInfo } from '../apiserver/request.ts';
import type { ApiClient } from './api-client.ts';
import { clientOver } from './resource-client.ts';
import type { TransportAnswer } from './transport.ts';

export interface InProcessOptions {
  /** Value of the User-Agent header; the default field manager of writes is its part before the first `/`. */
  readonly userAgent: string;
}

/**
 * A client that acts as `user`. Objects are handed over as they are and answers come back frozen: whoever changes one
 * changes a copy.
 */
export function makeClient(dispatch: Dispatch, user: UserInfo, options: InProcessOptions): ApiClient {
  const never = new AbortController().signal;
  return clientOver(async (request): Promise<TransportAnswer> => {
    const answer: ApiResponse = await dispatch({
      method: request.method,
      path: request.path,
      query: request.query,
      user,
      userAgent: options.userAgent,
      contentType: request.contentType,
      body: request.body,
      signal: request.signal ?? never,
    });
    return answer;
  });
}
