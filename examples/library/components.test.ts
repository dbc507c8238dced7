// Components are functions, so they are tested like functions.
import { describe, expect, it } from 'vitest';
import { scheduled, webService } from './components.ts';

const size = { cpu: '100m', memory: '64Mi' } as const;

describe('webService', () => {
  const made = webService({ name: 'a', image: 'a:1', port: 80, host: 'a.example.com', replicas: [1, 3], ...size });

  it('leaves the number of pods to the autoscaler', () => {
    expect(made.web.spec?.replicas).toBeUndefined();
    expect(made.scaler.spec).toMatchObject({ minReplicas: 1, maxReplicas: 3 });
  });

  it('routes its host to its port', () => {
    expect(made.ingress.spec?.rules?.[0]?.host).toBe('a.example.com');
    expect(made.service.spec?.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
  });
});

describe('scheduled', () => {
  it('runs at its time', () => {
    expect(scheduled({ name: 'a', image: 'a:1', schedule: '@daily', ...size }).task.spec?.schedule).toBe('@daily');
  });
});
