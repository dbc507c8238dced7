import { defineKind } from '../../registry.ts';
import type * as flowcontrol_v1 from '../generated/flowcontrol-v1.gen.ts';

export type FlowSchema = flowcontrol_v1.FlowSchema;

export const FlowSchema = defineKind<FlowSchema>('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema');
