import { describe, expect, it } from 'vitest';
import { Pod } from '../../src/types/kinds/core/pod.ts';
import { unrealizedFields } from '../../src/types/unrealized-fields.ts';

describe('fields without effect', () => {
  it('are found where they stand', () => {
    const container = { name: 'a', image: 'a', securityContext: { seLinuxOptions: { level: 's0' } } };
    const spec = { runtimeClassName: 'r', containers: [{ name: 'b', image: 'b' }, container], hostUsers: false };
    expect(unrealizedFields(Pod, { spec })).toEqual([
      'spec.containers[1].securityContext.seLinuxOptions',
      'spec.hostUsers',
      'spec.runtimeClassName',
    ]);
  });

  it('are not found where they are empty, or the object is none', () => {
    expect(unrealizedFields(Pod, { spec: { runtimeClassName: '', resourceClaims: [], volumes: 7 } })).toEqual([]);
    expect(unrealizedFields(Pod, 'text')).toEqual([]);
    expect(unrealizedFields(Pod, null)).toEqual([]);
  });
});
