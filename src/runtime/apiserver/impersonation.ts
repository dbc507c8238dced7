/** Acting as somebody else (kubectl --as): who may, and whom the request is then from. Semantics of the documentation's "User impersonation". */
import type { IncomingHttpHeaders } from 'node:http';
import { authorize, denialText } from './authorization.ts';
import type { ResourceAttributes, Roles } from './authorization.ts';
import { ANONYMOUS } from './authentication.ts';
import type { UserInfo } from './request.ts';
import { badRequest, forbidden } from './status-error.ts';

const USER = 'impersonate-user';
const GROUP = 'impersonate-group';
const UID = 'impersonate-uid';
const EXTRA = 'impersonate-extra-';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** @throws ApiError Forbidden, BadRequest when something but no user is named. */
export function impersonated(user: UserInfo, headers: IncomingHttpHeaders, roles: Roles): UserInfo {
  const username = valuesOf(headers, USER)[0] ?? '';
  const groups = valuesOf(headers, GROUP);
  const uid = valuesOf(headers, UID)[0];
  const extra = extraOf(headers);
  if (username === '') {
    if (groups.length === 0 && uid === undefined && Object.keys(extra).length === 0) return user;
    throw badRequest(
      'requested impersonation of groups, a uid or extra values without a user: send Impersonate-User too',
    );
  }
  const account = SERVICE_ACCOUNT.exec(username);
  const [, namespace = '', name = ''] = account ?? [];
  if (account) check(user, roles, { resource: 'serviceaccounts', namespace, name });
  else check(user, roles, { resource: 'users', name: username });
  for (const group of groups) check(user, roles, { resource: 'groups', name: group });
  const identity = { group: 'authentication.k8s.io' };
  if (uid !== undefined) check(user, roles, { ...identity, resource: 'uids', name: uid });
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values)
      check(user, roles, { ...identity, resource: 'userextras', subresource: key, name: value });
  }
  return {
    username,
    groups: groupsOf(username, groups, namespace),
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function check(user: UserInfo, roles: Roles, what: Partial<ResourceAttributes> & { readonly resource: string }): void {
  const attributes: ResourceAttributes = {
    isResourceRequest: true,
    user,
    verb: 'impersonate',
    group: '',
    subresource: '',
    namespace: '',
    name: '',
    ...what,
  };
  if (authorize(attributes, roles).allowed) return;
  throw forbidden({ group: attributes.group, plural: attributes.resource }, attributes.name, denialText(attributes));
}

/** What authentication would have given them: the groups of a service account, and whether they are anybody at all. */
function groupsOf(username: string, named: readonly string[], namespace: string): readonly string[] {
  const groups = new Set(named);
  if (named.length === 0 && namespace !== '') {
    groups.add('system:serviceaccounts').add(`system:serviceaccounts:${namespace}`);
  }
  const [unauthenticated = ''] = ANONYMOUS.groups;
  if (username === ANONYMOUS.username) groups.add(unauthenticated);
  else if (!groups.has(unauthenticated)) groups.add('system:authenticated');
  return [...groups];
}

function extraOf(headers: IncomingHttpHeaders): Readonly<Record<string, readonly string[]>> {
  const extra: Record<string, readonly string[]> = {};
  for (const header of Object.keys(headers)) {
    if (header.startsWith(EXTRA)) extra[decodeKey(header.slice(EXTRA.length))] = valuesOf(headers, header);
  }
  return extra;
}

/** Keys are percent-encoded, since header names take few characters. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch (error) {
    if (error instanceof URIError) return key;
    throw error;
  }
}

// Node joins the values of a header that stands several times with a comma.
function valuesOf(headers: IncomingHttpHeaders, name: string): readonly string[] {
  const value = headers[name];
  const texts = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  if (name === USER || name === UID) return texts;
  return texts.flatMap((text) => text.split(',')).map((text) => text.trim());
}
