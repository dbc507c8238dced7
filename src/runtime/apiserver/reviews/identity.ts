/** Who is it? Of the asker, and of a token. */
import { listOf, textOf } from '../fields.ts';
import { timestamp } from '../object-lifecycle.ts';
import { objectAnswer } from '../request-context.ts';
import { badRequest } from '../status-error.ts';
import { answered, questionOf } from './review.ts';
import type { Review } from './review.ts';

const GROUP = 'authentication.k8s.io/v1';

export const selfSubjectReview: Review = {
  typeName: `${GROUP}.SelfSubjectReview`,
  create: async (context) => {
    const draft = questionOf(context);
    draft.metadata.creationTimestamp = timestamp(context.parts.clock.now());
    return objectAnswer(201, answered(draft, { userInfo: context.request.user }));
  },
};

export const tokenReview: Review = {
  typeName: `${GROUP}.TokenReview`,
  create: async (context) => {
    const draft = questionOf(context);
    if (textOf(draft, 'spec', 'token') === '') throw badRequest('token is required for TokenReview in authentication');
    const audiences = listOf(draft, 'spec', 'audiences').map(String);
    const verified = await context.parts.tokens.verify(textOf(draft, 'spec', 'token'), audiences);
    if ('refusal' in verified)
      return objectAnswer(201, answered(draft, { authenticated: false, user: {}, error: verified.refusal }));
    return objectAnswer(
      201,
      answered(draft, { authenticated: true, user: verified.user, audiences: verified.audiences }),
    );
  },
};
