import type { FlowSchemaCondition } from '../../../types/kinds/generated/flowcontrol-v1.gen.ts';

/** The conditions with what is to be said of the level; undefined when they say so already. */
export function danglingCondition(
  conditions: readonly FlowSchemaCondition[],
  level: string,
  exists: boolean,
  now: Date,
): FlowSchemaCondition[] | undefined {
  const current = conditions.find(({ type }) => type === 'Dangling');
  const where = `This FlowSchema references the PriorityLevelConfiguration object named "${level}"`;
  const wanted = exists
    ? { status: 'False', reason: 'Found', message: `${where} and it exists` }
    : { status: 'True', reason: 'NotFound', message: `${where} but there is no such object` };
  if (current?.status === wanted.status && current.message === wanted.message) return undefined;
  const kept = current?.status === wanted.status ? current.lastTransitionTime : undefined;
  const lastTransitionTime = kept ?? now.toISOString().replace(/\.\d+Z$/, 'Z');
  return [...conditions.filter(({ type }) => type !== 'Dangling'), { type: 'Dangling', ...wanted, lastTransitionTime }];
}
