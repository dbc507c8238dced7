/** The table of kinds that are only posted. */
import { localSubjectAccessReview, selfSubjectAccessReview, subjectAccessReview } from './access.ts';
import { bindingReview } from './binding.ts';
import { selfSubjectReview, tokenReview } from './identity.ts';
import type { Review } from './review.ts';
import { selfSubjectRulesReview } from './rules.ts';

export const reviews: readonly Review[] = [
  bindingReview,
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectReview,
  selfSubjectRulesReview,
  subjectAccessReview,
  tokenReview,
];
