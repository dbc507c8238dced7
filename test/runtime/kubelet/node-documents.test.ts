import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeDocuments } from '../../../src/runtime/kubelet/node-documents.ts';
import type { Pod } from '../../../src/types/kinds/generated/core-v1.gen.ts';

const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default', uid: 'u1' } };
const container = { name: 'c', image: 'i' };

let folder: string;
let documents: NodeDocuments;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-node-'));
  await writeFile(join(folder, 'daemon.log'), 'a line\n');
  await writeFile(join(folder, 'secret.key'), 'hidden');
  await mkdir(join(folder, 'odd.log'));
  documents = new NodeDocuments({
    nodeName: 'n1',
    clusterDomain: 'cluster.local',
    clusterDns: '10.96.0.10',
    dataFolder: folder,
    pods: () => 3,
    running: () => ['a', 'b'],
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('what a kubelet tells of itself', () => {
  it('is its health and its configuration', () => {
    expect(documents.document('healthz')?.text).toBe('ok');
    expect(JSON.parse(documents.document('configz')?.text ?? '')).toEqual({
      kubeletconfig: { clusterDomain: 'cluster.local', clusterDNS: ['10.96.0.10'], maxPods: 110 },
    });
    expect(documents.document('runningpods')).toBeUndefined();
  });

  it('is what it runs, in metrics', () => {
    const lines = documents.document('metrics')?.text.split('\n');
    expect(lines).toContain('kubelet_running_pods 3');
    expect(lines).toContain('kubelet_running_containers{container_state="running"} 2');
    expect(lines).toContain('kubelet_node_name{node="n1"} 1');
  });

  it('counts what probes found, as long as the pod is there', () => {
    documents.probed(pod, container, 'Readiness', true);
    documents.probed(pod, container, 'Readiness', true);
    documents.probed(pod, container, 'Liveness', false);
    const place = 'container="c",namespace="default",pod="web",pod_uid="u1"';
    expect(documents.document('metrics/probes')?.text.split('\n').slice(2)).toEqual([
      `prober_probe_total{${place},probe_type="Readiness",result="successful"} 2`,
      `prober_probe_total{${place},probe_type="Liveness",result="failed"} 1`,
      '',
    ]);
    documents.forget('u1');
    expect(documents.document('metrics/probes')?.text).toBe('');
  });

  it('has the logs of the node, and no other file', async () => {
    expect(documents.document('logs/')?.text).toContain('<a href="daemon.log">daemon.log</a>');
    expect(documents.document('logs')?.text).not.toMatch(/secret|odd/);
    let text = '';
    for await (const chunk of documents.document('logs/daemon.log')?.chunks ?? [])
      text += Buffer.from(chunk).toString();
    expect(text).toBe('a line\n');
    for (const name of ['secret.key', '..', '../daemon.log', 'odd.log', 'none.log'])
      expect(documents.document(`logs/${name}`)).toBeUndefined();
  });
});
