/** The opaque token of a list that was cut: the revision it reads at and the key it goes on from, in upstream's form. */
import { isRecord } from '../../shared/deep.ts';
import type { Revision, StoreKey } from '../storage/store.ts';
import { badRequest } from './status-error.ts';

const VERSION = 'meta.k8s.io/v1';

/** In a token instead of a revision: go on in whatever state there is. */
const NEWEST = -1;

export interface ContinuePosition {
  /** Undefined: the newest state. */
  readonly revision: Revision | undefined;
  readonly from: StoreKey;
}

export function continueToken(prefix: StoreKey, position: ContinuePosition): string {
  const start = position.from.slice(prefix.length);
  return Buffer.from(JSON.stringify({ v: VERSION, rv: position.revision ?? NEWEST, start })).toString('base64url');
}

/** @throws ApiError BadRequest */
export function continuePosition(prefix: StoreKey, token: string): ContinuePosition {
  const parsed = parsedToken(token);
  const { v, rv, start } = isRecord(parsed) ? parsed : {};
  if (v !== VERSION) throw refused(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
  if (typeof start !== 'string' || start === '')
    throw refused('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof rv !== 'number' || !Number.isInteger(rv) || rv === 0 || rv < NEWEST) {
    throw refused('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  // The token comes from outside: joined to the prefix it can name nothing but keys of this list.
  return { revision: rv === NEWEST ? undefined : rv, from: prefix + start };
}

function parsedToken(token: string): unknown {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    const first = Buffer.from(token, 'base64url').toString('latin1').charAt(0);
    throw refused(`invalid character '${first}' looking for beginning of value`);
  }
}

function refused(detail: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${detail}`);
}
