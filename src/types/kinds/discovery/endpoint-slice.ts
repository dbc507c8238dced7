import { defineKind } from '../../registry.ts';
import type * as discovery_v1 from '../generated/discovery-v1.gen.ts';

export type EndpointSlice = discovery_v1.EndpointSlice;

export const EndpointSlice = defineKind<EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice');
