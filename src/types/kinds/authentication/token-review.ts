import { defineKind } from '../../registry.ts';
import type * as authentication_v1 from '../generated/authentication-v1.gen.ts';

export type TokenReview = authentication_v1.TokenReview;

export const TokenReview = defineKind<TokenReview>('authentication.k8s.io/v1', 'TokenReview', {
  // Nothing to check: a review without a token is a bad request, which the server answers itself.
  validated: true,
  example: {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    metadata: {},
    spec: { token: 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln' },
  },
});
