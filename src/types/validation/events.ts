/** Rules of events of both groups (core validation, ValidateEventCreate); they are stored as one kind. */
import { deepEqual } from '../../shared/deep.ts';
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { qualifiedNameErrors } from '../names.ts';
import { checkPresent } from './field-checks.ts';
import { invalidEach } from './metadata.ts';

/** Events about cluster-scoped objects live in the namespace `default`. */
function checkNamespace(event: core.Event, issues: IssueSink): void {
  const own = event.metadata.namespace ?? '';
  const involved = event.involvedObject?.namespace ?? '';
  const fits =
    involved === '' ? own === 'default' || own === 'kube-system' || own === '' : own === '' || own === involved;
  if (!fits) issues.at('involvedObject', 'namespace').invalid(involved, 'does not match event.namespace');
}

function checkLength(value: string | undefined, limit: number, at: IssueSink): void {
  if ((value ?? '').length > limit) at.invalid('', `can have at most ${limit} characters`);
}

function isNew(event: core.Event): boolean {
  return event.eventTime !== undefined;
}

export function checkCoreEvent(event: core.Event, issues: IssueSink): void {
  checkNamespace(event, issues);
  if (isNew(event)) checkNewFields(event, issues);
}

function checkNewFields(event: core.Event, issues: IssueSink): void {
  const controller = issues.at('reportingController');
  const name = event.reportingComponent ?? '';
  checkPresent(name, controller);
  invalidEach(controller, name, qualifiedNameErrors(name));
  checkPresent(event.reportingInstance, issues.at('reportingInstance'));
  checkLength(event.reportingInstance, 128, issues.at('reportingInstance'));
  checkPresent(event.action, issues.at('action'));
  checkLength(event.action, 128, issues.at('action'));
  checkPresent(event.reason, issues.at('reason'));
  checkLength(event.reason, 128, issues.at('reason'));
  checkLength(event.message, 1024, issues.at('message'));
}

const obsolete = ['firstTimestamp', 'lastTimestamp', 'count'] as const;

/** What events.k8s.io/v1 asks for on top. */
export function checkNewEvent(event: core.Event, issues: IssueSink): void {
  checkNamespace(event, issues);
  if (isNew(event)) checkNewFields(event, issues);
  else issues.at('eventTime').required();
  if (event.type !== 'Normal' && event.type !== 'Warning')
    issues.at('type').invalid('', `has invalid value: ${event.type ?? ''}`);
  if (event.series) {
    if ((event.series.count ?? 0) < 2) issues.at('series', 'count').invalid('', 'should be at least 2');
    if (event.series.lastObservedTime === undefined) issues.at('series', 'lastObservedTime').required();
  }
  for (const name of obsolete) if (event[name] !== undefined) issues.at(name).invalid('', 'needs to be unset');
  if (!deepEqual(event.source ?? {}, {})) issues.at('source').invalid('', 'needs to be unset');
}

const fixed = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingInstance',
] as const;

export function checkNewEventUpdate(next: core.Event, previous: core.Event, issues: IssueSink): void {
  for (const name of fixed) {
    if (!deepEqual(next[name], previous[name])) issues.at(name).invalid(next[name] ?? null, 'field is immutable');
  }
}
