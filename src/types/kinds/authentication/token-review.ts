import { defineKind } from '../../registry.ts';
import type * as authentication_v1 from '../generated/authentication-v1.gen.ts';

export type TokenReview = authentication_v1.TokenReview;

export const TokenReview = defineKind<TokenReview>('authentication.k8s.io/v1', 'TokenReview');
