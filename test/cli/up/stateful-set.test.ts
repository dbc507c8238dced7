/** `up` and the pod of a StatefulSet that stands in the way of its repair. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { waitUntilReady } from '../../../src/cli/up/wait.ts';
import { Progress } from '../../../src/cli/up/progress.ts';
import { serviceAccountController } from '../../../src/runtime/controllers/service-account/index.ts';
import { statefulSetController } from '../../../src/runtime/controllers/stateful-set/index.ts';
import { StatefulSet } from '../../../src/types/kinds/apps/stateful-set.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { ServiceAccount } from '../../../src/types/kinds/core/service-account.ts';
import { startControlPlane } from '../../runtime/controllers/control-plane.ts';

const web = { namespace: 'default', name: 'web' };
const container = (image: string) => ({ containers: [{ name: 'web', image }] });
const set = (podManagementPolicy: 'OrderedReady' | 'Parallel'): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: web,
  spec: {
    replicas: 1,
    podManagementPolicy,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: container('wrong:1') },
  },
});

afterEach(() => void vi.restoreAllMocks());

describe('a broken pod of an earlier template', () => {
  it.each(['OrderedReady', 'Parallel'] as const)('is named with the remedy, or replaced: %s', async (policy) => {
    const plane = await startControlPlane([statefulSetController, serviceAccountController]);
    await plane.until(ServiceAccount, (all) => all.some(({ metadata }) => metadata.namespace === 'default'));
    await plane.client.of(StatefulSet).create(set(policy));
    const [pod] = await plane.until(Pod, (all) => all.length === 1);
    if (!pod) throw new Error('no pod');
    const state = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "wrong:1"' } };
    const status = { name: 'web', image: 'wrong:1', imageID: '', ready: false, restartCount: 0, state };
    await plane.client
      .of(Pod)
      .updateStatus({ ...pod, status: { ...pod.status, phase: 'Pending', containerStatuses: [status] } });
    const object = await plane.client
      .of(StatefulSet)
      .patch(web, { type: 'strategic', patch: { spec: { template: { spec: container('web:1') } } } });
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const progress = new Progress(process.stderr);
    const stop = new AbortController();
    const waiting = waitUntilReady(plane.client, [{ kind: StatefulSet, object, title: 'web' }], progress, stop.signal);
    if (policy === 'OrderedReady') {
      await expect(waiting).rejects.toThrow(
        /web is not ready: pod web-0: ImagePullBackOff: .*; it is of an earlier template, .*: kubectl delete pod web-0 -n default$/,
      );
      return;
    }
    await plane.until(Pod, ([found]) => found?.spec?.containers[0]?.image === 'web:1');
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
