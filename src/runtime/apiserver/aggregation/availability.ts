/** Whether the server behind an APIService answers (kube-aggregator, status controllers). Pure. */
import { findCondition } from '../../../types/conditions.ts';
import type { APIService } from '../../../types/kinds/apiregistration/api-service.ts';
import type { APIServiceCondition } from '../../../types/kinds/generated/apiregistration-v1.gen.ts';

export interface Availability {
  readonly status: 'True' | 'False';
  readonly reason:
    'Local' | 'Passed' | 'ServiceNotFound' | 'ServicePortError' | 'MissingEndpoints' | 'FailedDiscoveryCheck';
  readonly message: string;
}

export const local: Availability = {
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};
export const passed: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };

/** The conditions with this availability; undefined when they say so already. */
export function conditionsWith(
  { status }: APIService,
  availability: Availability,
  now: Date,
): APIServiceCondition[] | undefined {
  const known = findCondition(status?.conditions, 'Available');
  const { status: is, reason, message } = availability;
  if (known?.status === is && known.reason === reason && known.message === message) return undefined;
  const changed = known?.status === is ? known.lastTransitionTime : now.toISOString().replace(/\.\d+Z$/, 'Z');
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'Available');
  const available = {
    type: 'Available',
    ...availability,
    ...(changed === undefined ? {} : { lastTransitionTime: changed }),
  };
  return [...others, available];
}
