/** Defaults that depend on other fields, or stand in for nought. */
import { describe, expect, it } from 'vitest';
import { Service } from '../../../src/types/kinds/core/service.ts';
import { FlowSchema } from '../../../src/types/kinds/flowcontrol/flow-schema.ts';
import type { Draft } from '../../../src/types/meta.ts';
import { applyDefaults } from '../../../src/types/validation/apply-defaults.ts';

describe('what the server fills in', () => {
  it('makes the address of a load balancer a virtual one, and no other', () => {
    const status = { loadBalancer: { ingress: [{ ip: '203.0.113.1' }, { hostname: 'lb.example.com' }] } };
    const service: Draft<Service> = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'a' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
      status,
    };
    applyDefaults(Service, service);
    expect(service.status?.loadBalancer?.ingress).toEqual([
      { ip: '203.0.113.1', ipMode: 'VIP' },
      { hostname: 'lb.example.com' },
    ]);
  });

  it('gives a flow schema its precedence', () => {
    const schema: Draft<FlowSchema> = {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'FlowSchema',
      metadata: { name: 'a' },
      spec: { matchingPrecedence: 0, priorityLevelConfiguration: { name: 'l' } },
    };
    applyDefaults(FlowSchema, schema);
    expect(schema.spec).toMatchObject({ matchingPrecedence: 1000 });
  });
});
