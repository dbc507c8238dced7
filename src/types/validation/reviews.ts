/** Rules of the questions about access (authorization validation). They are posted and answered, never stored. */
import type { IssueSink } from '../field-issue.ts';
import type * as authorization from '../kinds/generated/authorization-v1.gen.ts';
import { checkPresent, isBlank } from './field-checks.ts';

interface Question {
  readonly resourceAttributes?: authorization.ResourceAttributes | undefined;
  readonly nonResourceAttributes?: authorization.NonResourceAttributes | undefined;
}

interface Selector {
  readonly rawSelector?: string | undefined;
  readonly requirements?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined }[]
    | undefined;
}

function checkSelector(selector: Selector | undefined, at: IssueSink): void {
  if (!selector) return;
  const requirements = selector.requirements ?? [];
  const raw = !isBlank(selector.rawSelector);
  if (raw && requirements.length > 0) {
    at.at('rawSelector').invalid(selector.rawSelector, 'may not specified at the same time as requirements');
  } else if (!raw && requirements.length === 0) {
    at.at('requirements').required(
      `when ${String(at.path.at(-1))} is specified, requirements or rawSelector is required`,
    );
  }
  requirements.forEach(({ key, operator, values = [] }, index) => {
    const place = at.at('requirements', index);
    checkPresent(key, place.at('key'), 'must be specified');
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) place.at('values').required("must be specified when `operator` is 'In' or 'NotIn'");
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        place.at('values').forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else place.at('operator').notSupported(operator, ['In', 'NotIn', 'Exists', 'DoesNotExist']);
  });
}

/** Exactly one of the two: a resource, or a path. */
export function checkQuestion(spec: Question | undefined, at: IssueSink): void {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec ?? {};
  if (resource && path) {
    at.at('nonResourceAttributes').invalid(path, 'cannot be specified in combination with resourceAttributes');
  }
  if (!resource && !path) {
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    at.at('resourceAttributes').invalid(null, detail);
  }
  checkSelector(resource?.fieldSelector, at.at('resourceAttributes', 'fieldSelector'));
  checkSelector(resource?.labelSelector, at.at('resourceAttributes', 'labelSelector'));
}

export function checkSubject(spec: authorization.SubjectAccessReviewSpec | undefined, at: IssueSink): void {
  if (isBlank(spec?.user) && (spec?.groups ?? []).length === 0) {
    at.at('user').required('at least one of user or group must be specified');
  }
}

/** Answers are the server's; metadata of a question is empty. */
export function checkBareMetadata(metadata: object, issues: IssueSink): void {
  const set = Object.entries(metadata).filter(
    ([key, value]) => key !== 'managedFields' && key !== 'creationTimestamp' && value !== undefined,
  );
  if (set.length > 0) issues.at('metadata').invalid(metadata, 'must be empty');
}
