import { describe, expect, it } from 'vitest';
import { blamedField, refusedField } from '../../../src/cli/up/blame.ts';

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    template: {
      spec: {
        nodeSelector: { disk: 'ssd' },
        initContainers: [{ name: 'init', image: 'x' }],
        containers: [{ name: 'side' }, { name: 'web', image: 'y', resources: { requests: { cpu: '900' } } }],
      },
    },
  },
};
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'p' }] } };
const trouble = (reason: string, of: string | undefined, message = '') => ({
  reason,
  message,
  of,
  container: undefined,
  previous: false,
});
const containers = ['spec', 'template', 'spec', 'containers'];

describe('the field to blame', () => {
  it('is the image that cannot be pulled, the container that fails, the request that no node meets', () => {
    expect(blamedField(web, trouble('ImagePullBackOff', 'web'))).toEqual([...containers, 1, 'image']);
    expect(blamedField(web, trouble('CrashLoopBackOff', 'init'))).toEqual([
      'spec',
      'template',
      'spec',
      'initContainers',
      0,
    ]);
    const cpu = trouble('Unschedulable', undefined, '0/1 nodes are available: 1 Insufficient cpu.');
    expect(blamedField(web, cpu)).toEqual([...containers, 1, 'resources', 'requests', 'cpu']);
    const selector = trouble('Unschedulable', undefined, "1 node(s) didn't match Pod's node affinity/selector.");
    expect(blamedField(web, selector)).toEqual(['spec', 'template', 'spec', 'nodeSelector']);
    expect(blamedField(pod, trouble('CrashLoopBackOff', 'p'))).toEqual(['spec', 'containers', 0]);
    expect(blamedField(pod, trouble('Unschedulable', undefined, 'a taint'))).toEqual([]);
    expect(blamedField({ ...pod, spec: 'x' } as never, trouble('CrashLoopBackOff', 'p'))).toEqual([]);
  });

  it('is the first one that the server names', () => {
    const status = { details: { causes: [{ field: 'spec.containers[0].ports[1].name', message: 'x' }] } };
    expect(refusedField(status)).toEqual(['spec', 'containers', 0, 'ports', 1, 'name']);
    expect(refusedField({ details: { causes: [{ field: 'metadata.labels[a.b/c]' }] } })).toEqual([
      'metadata',
      'labels',
      { key: 'a.b/c' },
    ]);
    expect(refusedField({ details: {} })).toEqual([]);
    expect(refusedField(undefined)).toEqual([]);
  });
});
