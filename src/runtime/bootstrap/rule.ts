/** A short way to write rules: lists are words with blanks between them, the core group is the word `core`. */
import type { PolicyRule } from '../../types/kinds/generated/rbac-v1.gen.ts';

export const READ = 'get list watch';
export const WRITE = 'create delete deletecollection patch update';
export const READ_WRITE = `${READ} ${WRITE}`;
export const READ_UPDATE = `${READ} patch update`;

export function rule(verbs: string, groups: string, resources: string, names = ''): PolicyRule {
  return {
    apiGroups: words(groups).map((group) => (group === 'core' ? '' : group)),
    resources: words(resources),
    ...(names === '' ? {} : { resourceNames: words(names) }),
    verbs: words(verbs),
  };
}

export function pathRule(verbs: string, urls: string): PolicyRule {
  return { nonResourceURLs: words(urls), verbs: words(verbs) };
}

/** Whoever acts on its own records what it did. */
export const recordEvents = rule('create patch update', 'core events.k8s.io', 'events');

function words(text: string): readonly string[] {
  return text.split(' ');
}
