import { defineKind } from '../../registry.ts';
import type * as batch_v1 from '../generated/batch-v1.gen.ts';

export type CronJob = batch_v1.CronJob;

export const CronJob = defineKind<CronJob>('batch/v1', 'CronJob', {
  shortNames: ['cj'],
  categories: ['all'],
});
