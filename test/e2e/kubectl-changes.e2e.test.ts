/** How kubectl's users change what is there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSYBOX_IMAGE, NODE_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import { webManifest as web } from '../support/manifests.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test[Symbol.asyncDispose]());

describe.concurrent('rollout', () => {
  it('keeps a history, undoes and restarts', async () => {
    const { kubectl } = await test.namespace();
    await kubectl.apply(web(1));
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    await kubectl.ok('set env deployment/web STAGE=two');
    await kubectl.ok('annotate deployment web kubernetes.io/change-cause=stage-two');
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    expect(await kubectl.ok('rollout history deployment/web')).toMatch(/1 +<none>\n2 +stage-two/);
    expect(await kubectl.ok('rollout history deployment/web --revision=2')).toContain('STAGE:\ttwo');
    await kubectl.ok('rollout undo deployment/web');
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    expect(await kubectl.ok('rollout history deployment/web')).toMatch(/2 +stage-two\n3 +/);
    expect(await kubectl.ok('get deployment web -o jsonpath={.spec.template.spec.containers[0].env}')).toBe('');
    const before = await kubectl.ok('get pods -l app=web -o name');
    await kubectl.ok('rollout restart deployment/web');
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    await kubectl.ok(['wait', ...before.split('\n'), '--for=delete', '--timeout=300s']);
    await kubectl.ok('rollout pause deployment/web');
    await kubectl.ok('set image deployment/web web=kubewright/none:1');
    expect(await kubectl.ok('get deployment web -o jsonpath={.status.updatedReplicas}')).not.toBe('1 0');
    await kubectl.ok('rollout undo deployment/web').catch((error: unknown) => {
      expect(String(error)).toContain('paused');
    });
    await kubectl.ok(`set image deployment/web web=${NODE_IMAGE}`);
    await kubectl.ok('rollout resume deployment/web');
    await kubectl.ok('rollout status deployment/web --timeout=300s');
  });
});

describe.concurrent('changes', () => {
  it('edits, patches in three ways, labels, annotates, diffs', async () => {
    const { kubectl } = await test.namespace();
    await kubectl.apply(web(1));
    await kubectl.ok('edit configmap settings', { env: { KUBE_EDITOR: 'sed -i s/hello/edited/' } });
    expect(await kubectl.ok('get configmap settings -o jsonpath={.data.greeting}')).toBe('edited');
    const patch = (type: string, text: string) =>
      kubectl.ok(['patch', 'deployment', 'web', `--type=${type}`, '-p', text]);
    await patch('json', '[{"op":"replace","path":"/spec/replicas","value":2}]');
    await patch('merge', '{"spec":{"revisionHistoryLimit":3}}');
    await patch(
      'strategic',
      '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","value":"1"}]}]}}}}',
    );
    expect(JSON.parse(await kubectl.ok('get deployment web -o json'))).toMatchObject({
      spec: {
        replicas: 2,
        revisionHistoryLimit: 3,
        template: { spec: { containers: [{ name: 'web', image: NODE_IMAGE, env: [{ name: 'A', value: '1' }] }] } },
      },
    });
    await kubectl.ok('label deployment web tier=front');
    expect(await kubectl.refused('label deployment web tier=back')).toContain(
      'already has a value (front), and --overwrite is false',
    );
    await kubectl.ok('label deployment web tier=back --overwrite');
    await kubectl.ok('label deployment web tier-');
    await kubectl.ok('annotate deployment web note=this');
    const diff = await kubectl.run('diff -f -', { input: web(1, 'other') });
    expect(diff).toMatchObject({ code: 1 });
    expect(diff.stdout).toContain('+  greeting: other');
    expect(await kubectl.ok('get configmap settings -o jsonpath={.data.greeting}')).toBe('edited');
    await kubectl.ok(['replace', '-f', '-'], { input: web(1, 'replaced') }).catch(() => undefined);
    await kubectl.ok('delete deployment web --grace-period=1');
  });

  it('applies by ownership, and tells conflicts', async () => {
    const { kubectl } = await test.namespace();
    const map = (value: string) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' }, data: { key: value } });
    await kubectl.apply(map('one'), '--server-side', '--field-manager=first');
    expect(
      await kubectl.refused(['apply', '-f', '-', '--server-side', '--field-manager=second'], { input: map('two') }),
    ).toContain('conflict with "first": .data.key');
    await kubectl.apply(map('two'), '--server-side', '--field-manager=second', '--force-conflicts');
    expect(await kubectl.ok('get configmap owned -o jsonpath={.data.key}')).toBe('two');
    expect(await kubectl.apply(map('two'), '--server-side', '--field-manager=second')).toContain('serverside-applied');
  });

  it('refuses what it does not know, with the field', async () => {
    const { kubectl } = await test.namespace();
    const input = (spec: object) => ({
      input: JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec }),
    });
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: BUSYBOX_IMAGE }] } };
    expect(
      await kubectl.refused('apply -f -', input({ replcas: 1, selector: { matchLabels: { a: 'b' } }, template })),
    ).toContain('unknown field "spec.replcas"');
    expect(
      await kubectl.refused('apply -f -', input({ selector: { matchLabels: { a: 'other' } }, template })),
    ).toContain('spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`');
    expect(
      await kubectl.refused('apply -f -', { input: 'apiVersion: v1\nkind: Nothing\nmetadata: {name: x}' }),
    ).toContain('no matches for kind "Nothing" in version "v1"');
    expect(await kubectl.refused('apply -f -', { input: 'a: [' })).toContain('error converting YAML to JSON');
    expect(await kubectl.refused('create configmap Bad_Name')).toContain(
      'a lowercase RFC 1123 subdomain must consist of',
    );
  });
});
