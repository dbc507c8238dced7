/** Pods that ask for other resources while they run (KEP-1287). */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Container, PodSpec } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { removePodFolders } from '../../../src/runtime/kubelet/kubelet.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SimulatedEngine } from '../../support/simulated-engine.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { isReady, KubeletBench } from './kubelet-bench.ts';

const app: Container = { name: 'app', image: 'app:1', imagePullPolicy: 'IfNotPresent' };
const spec = (container: Partial<Container> = {}): PodSpec => ({ containers: [{ ...app, ...container }] });
const key = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });

describe('a pod that asks for other resources', () => {
  let clock: ManualClock;
  let engine: SimulatedEngine;
  let bench: KubeletBench;

  beforeEach(async () => {
    clock = new ManualClock();
    engine = new SimulatedEngine({ clock, images: ['app:1'] });
    const dataFolder = temporaryDirectory();
    bench = await KubeletBench.start({ engine, clock, dataFolder, cluster: 'test' });
    onTestFinished(async () => {
      await bench[Symbol.asyncDispose]();
      await removePodFolders(dataFolder);
    });
  });

  const name = (pod: string, attempt = 0): string => `k8s_app_${pod}_default_${pod}-uid_${attempt}`;
  const idOf = (pod: string, attempt = 0): string => engine.find(name(pod, attempt))?.state.id ?? '';
  const cpu = (amount: string): Partial<Container> => ({
    resources: { requests: { cpu: amount }, limits: { cpu: '4' } },
  });
  const ask = async (amount: string, rest: Partial<Container> = {}): Promise<void> => {
    const pod = await bench.until('web', () => true);
    bench.table.put(Pod, Object.assign({}, pod, { spec: { ...pod.spec, ...spec({ ...cpu(amount), ...rest }) } }));
  };
  const pending = (reason: string) => (pod: Pod) =>
    pod.status?.conditions?.some((one) => one.type === 'PodResizePending' && one.reason === reason) ?? false;
  const holds = (amount: string) => (pod: Pod) => {
    const status = pod.status?.containerStatuses?.[0];
    return status?.resources?.requests?.['cpu'] === amount && status.allocatedResources?.['cpu'] === amount;
  };
  const resizing = ({ status }: Pod): boolean =>
    status?.conditions?.some(({ type }) => type.startsWith('PodResize')) ?? false;
  const updates = (): readonly string[] => engine.journal.filter((line) => line.startsWith('update '));

  it('gives them to the container that runs', async () => {
    bench.createPod('web', spec(cpu('1')));
    await bench.untilReady('web');
    await ask('2');
    const pod = await bench.until('web', (one) => holds('2')(one) && !resizing(one));
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    expect(updates()).toEqual([`update ${name('web')} 2048/400000/0`]);
    expect(bench.errors).toEqual([]);
  });

  it('begins the container anew where it asks for that, without back-off', async () => {
    const policy = { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] } as const;
    bench.createPod('web', spec({ ...cpu('1'), ...policy }));
    await bench.untilReady('web');
    for (const [attempt, amount] of [
      [1, '2'],
      [2, '3'],
    ] as const) {
      await ask(amount, policy);
      await bench.until('web', (pod) => holds(amount)(pod) && isReady(pod) && idOf('web', attempt) !== '');
    }
    expect(updates()).toEqual([]);
    expect(engine.find(name('web', 2))?.spec.cpuShares).toBe(3072);
  });

  it('goes on with what it has where the node can never give more', async () => {
    bench.createPod('web', spec(cpu('1')));
    await bench.untilReady('web');
    await ask('5');
    const pod = await bench.until('web', pending('Infeasible'));
    expect(pod.status?.containerStatuses?.[0]?.allocatedResources).toEqual({ cpu: '1' });
    engine.crash(idOf('web'), 1);
    await bench.until('web', (one) => isReady(one) && idOf('web', 1) !== '');
    expect(engine.find(name('web', 1))?.spec.cpuShares).toBe(1024);
    await ask('1');
    await bench.until('web', (one) => !resizing(one));
  });

  it('waits for what others have, and gets it when they are gone', async () => {
    bench.createPod('other', spec(cpu('2')));
    bench.createPod('web', spec(cpu('1')));
    await bench.untilReady('other');
    await bench.untilReady('web');
    await ask('3');
    await bench.until('web', pending('Deferred'));
    await bench.table.of(Pod).delete(key('other'));
    await bench.untilGone('other');
    await clock.run(3000);
    await bench.until('web', (pod) => holds('3')(pod) && !resizing(pod));
  });
});
