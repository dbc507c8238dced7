import { describe, expect, it } from 'vitest';
import { kubewright } from '../../support/built-cli.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

async function explain(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await kubewright(temporaryDirectory(), ['explain', ...words]);
  return code === 0 ? stdout : `${String(code)} ${stderr.trim()}`;
}

describe('kubewright explain', () => {
  it('describes kinds and fields', async () => {
    expect(await explain('deploy.spec.strategy.type')).toBe(
      [
        'GROUP:      apps',
        'KIND:       Deployment',
        'VERSION:    v1',
        '',
        'FIELD: type <string>',
        '',
        'ENUM:',
        '    Recreate',
        '    RollingUpdate',
        '',
        'DESCRIPTION:',
        '    Type of deployment. Can be "Recreate" or "RollingUpdate". Default is',
        '    RollingUpdate.',
        '',
        '',
      ].join('\n'),
    );
    expect(await explain('pods.spec.containers')).toContain('FIELD: containers <[]Container>');
    expect(await explain('hpa')).toContain('VERSION:    v2\n');
    expect(await explain('hpa', '--api-version', 'autoscaling/v1')).toContain('VERSION:    v1\n');
  });

  it('lists all fields below', async () => {
    expect(await explain('configmap.metadata.ownerReferences', '--recursive')).toBe(
      'apiVersion\t<string>\nblockOwnerDeletion\t<boolean>\ncontroller\t<boolean>\nkind\t<string>\nname\t<string>\nuid\t<string>\n',
    );
  });

  it('suggests what was meant', async () => {
    expect(await explain('deploymnt')).toBe('2 there is no kind deploymnt; did you mean deployment?');
    expect(await explain('deploy.spec.replica')).toBe('1 Deployment.spec has no field replica; did you mean replicas?');
    expect(await explain('pod.spec.nodeName.x')).toBe(
      '1 Pod.spec.nodeName has no fields of its own, so there is no x in it',
    );
    expect(await explain('deploy', '--api-version', 'apps/v2')).toBe('2 deploy is in apps/v1, not in apps/v2');
  });
});
