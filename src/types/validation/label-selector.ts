/** Rules of label selectors (meta/v1 ValidateLabelSelector). */
import type { IssueSink } from '../field-issue.ts';
import type { LabelSelector } from '../kinds/generated/meta-v1.gen.ts';
import { labelValueErrors, qualifiedNameErrors } from '../names.ts';
import { checkLabels, invalidEach } from './metadata.ts';

export function checkLabelSelector(selector: LabelSelector | undefined, issues: IssueSink): void {
  if (!selector) return;
  checkLabels(selector.matchLabels, issues.at('matchLabels'));
  selector.matchExpressions?.forEach((requirement, index) => {
    const at = issues.at('matchExpressions', index);
    const values = requirement.values ?? [];
    switch (requirement.operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) at.at('values').required("must be specified when `operator` is 'In' or 'NotIn'");
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) {
          at.at('values').forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        break;
      default:
        at.at('operator').invalid(requirement.operator, 'not a valid selector operator');
    }
    invalidEach(at.at('key'), requirement.key, qualifiedNameErrors(requirement.key));
    values.forEach((value, at_) => invalidEach(at.at('values', at_), value, labelValueErrors(value)));
  });
}

export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;
}

/** Whether the selector could be compiled, as far as operators, keys and values go. */
export function isUsableSelector(selector: LabelSelector): boolean {
  return (
    Object.entries(selector.matchLabels ?? {}).every(
      ([key, value]) => qualifiedNameErrors(key).length === 0 && labelValueErrors(value).length === 0,
    ) &&
    (selector.matchExpressions ?? []).every(
      ({ key, operator, values = [] }) =>
        qualifiedNameErrors(key).length === 0 &&
        values.every((value) => labelValueErrors(value).length === 0) &&
        (operator === 'In' || operator === 'NotIn'
          ? values.length > 0
          : (operator === 'Exists' || operator === 'DoesNotExist') && values.length === 0),
    )
  );
}
