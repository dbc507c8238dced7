import { defineKind } from '../../registry.ts';
import type * as apps_v1 from '../generated/apps-v1.gen.ts';

export type ControllerRevision = apps_v1.ControllerRevision;

export const ControllerRevision = defineKind<ControllerRevision>('apps/v1', 'ControllerRevision');
