import { defineKind } from '../../registry.ts';
import type * as batch_v1 from '../generated/batch-v1.gen.ts';

export type Job = batch_v1.Job;

export const Job = defineKind<Job>('batch/v1', 'Job', {
  categories: ['all'],
});
