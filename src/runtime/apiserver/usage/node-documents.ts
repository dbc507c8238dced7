import type { ResourceInfo } from '../request-info.ts';
import type { UsageDocument, UsageSource } from './usage-source.ts';

/** What is asked of a kubelet in the same process: `NAME`, `NAME:10250` and `https:NAME:10250` mean it. */
export function nodeDocument(usage: UsageSource | undefined, { name, rest }: ResourceInfo): UsageDocument | undefined {
  const node = /^(?:https?:)?([^:]+)(?::10250)?$/.exec(name)?.[1];
  return node === undefined ? undefined : usage?.document(node, rest.join('/'));
}
