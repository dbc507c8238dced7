/** Volumes that follow the API: whatever changes, and whenever, the last state is what the files say in the end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { removePodFolders } from '../../../src/runtime/kubelet/kubelet.ts';
import { ConfigMap } from '../../../src/types/kinds/core/config-map.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { Secret } from '../../../src/types/kinds/core/secret.ts';
import type { Volume } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SimulatedEngine } from '../../support/simulated-engine.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { KubeletBench } from './kubelet-bench.ts';

const items = [
  { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
  { path: 'annotations', fieldRef: { fieldPath: 'metadata.annotations' } },
  { path: 'address', fieldRef: { fieldPath: 'status.podIP' } },
];
const volumes: readonly Volume[] = [
  { name: 'd', downwardAPI: { items: items.slice(0, 2) } },
  { name: 'c', configMap: { name: 'cfg', optional: true } },
  { name: 's', secret: { secretName: 'sec', optional: true } },
  {
    name: 'p',
    projected: {
      sources: [
        { downwardAPI: { items } },
        { configMap: { name: 'cfg', optional: true, items: [{ key: 'n', path: 'cfg' }] } },
        { secret: { name: 'sec', optional: true, items: [{ key: 'n', path: 'sec' }] } },
      ],
    },
  },
];
/** Path of a file below the data folder -> what it is made of. */
const files = {
  'pods/web-uid/volumes/kubernetes.io~downwardAPI/d/labels': 'labels',
  'pods/web-uid/volumes/kubernetes.io~downwardAPI/d/annotations': 'annotations',
  'pods/web-uid/volumes/kubernetes.io~configMap/c/n': 'configMap',
  'pods-in-memory/web-uid/kubernetes.io~secret/s/n': 'secret',
  'pods-in-memory/web-uid/kubernetes.io~projected/p/labels': 'labels',
  'pods-in-memory/web-uid/kubernetes.io~projected/p/annotations': 'annotations',
  'pods-in-memory/web-uid/kubernetes.io~projected/p/cfg': 'configMap',
  'pods-in-memory/web-uid/kubernetes.io~projected/p/sec': 'secret',
} as const;
type Source = (typeof files)[keyof typeof files];
const address = 'pods-in-memory/web-uid/kubernetes.io~projected/p/address';

describe('volumes of a running pod', () => {
  let clock: ManualClock;
  let bench: KubeletBench;
  let dataFolder: string;

  beforeEach(async () => {
    clock = new ManualClock();
    const engine = new SimulatedEngine({ clock, images: ['app:1'] });
    dataFolder = temporaryDirectory();
    bench = await KubeletBench.start({ engine, clock, dataFolder, cluster: 'test' });
    onTestFinished(async () => {
      await bench[Symbol.asyncDispose]();
      await removePodFolders(dataFolder);
    });
  });

  const read = (path: string): string => readFileSync(join(dataFolder, path), 'utf8');

  function change(source: Source, n: number): void {
    const metadata = { namespace: 'default', name: source === 'secret' ? 'sec' : 'cfg' };
    if (source === 'configMap') {
      bench.table.put(
        ConfigMap,
        Object.assign({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, { data: { n: `${n}` } }),
      );
    } else if (source === 'secret') {
      const data = { n: Buffer.from(`${n}`).toString('base64') };
      bench.table.put(Secret, Object.assign({ apiVersion: 'v1', kind: 'Secret', metadata }, { data }));
    } else {
      const pod = bench.pod('web');
      bench.table.put(Pod, { ...pod, metadata: { ...pod.metadata, [source]: { n: `${n}` } } });
    }
  }

  const expected = (source: Source, n: number): string =>
    source === 'labels' || source === 'annotations' ? `n="${n}"` : `${n}`;

  async function micro(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
  }

  it('follow every change, whatever is under way just then', async () => {
    const sources: readonly Source[] = ['labels', 'annotations', 'configMap', 'secret'];
    const container = { name: 'app', image: 'app:1', imagePullPolicy: 'IfNotPresent' as const };
    bench.createPod('web', { containers: [container], volumes });
    const last = new Map<Source, number>();
    // From before the volumes are made to long after, with ever another distance between two changes.
    for (let n = 0; n < 400; n += 1) {
      const source = sources[n % sources.length] ?? 'labels';
      change(source, n);
      last.set(source, n);
      await micro(n % 37);
      if (n % 20 !== 19) continue;
      await bench.untilReady('web');
      await clock.run(0);
      for (const [path, of] of Object.entries(files))
        expect(read(path).trim(), path).toBe(expected(of, last.get(of) ?? -1));
      expect(read(address)).toBe(bench.pod('web').status?.podIP);
    }
    expect(bench.errors).toEqual([]);
  });
});
