/** `kubewright exec`, `logs` and `port-forward`, for people without kubectl. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSYBOX_IMAGE, clusterName } from '../support/cluster.ts';
import { CommandLine } from '../support/command-line.ts';
import { localDocker } from '../support/docker.ts';
import { Following } from '../support/kubectl.ts';

const name = clusterName();
const cli = resolve(import.meta.dirname, '../../dist/cli.js');
let kubewright: CommandLine;
let folder: string;

const manifests = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: ${BUSYBOX_IMAGE}
          command: [sh, -c, "echo begun; mkdir /w; echo hello > /w/index.html; exec httpd -f -p 8080 -h /w"]
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { port: http, path: / }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
`;

beforeAll(async () => {
  await using engine = await localDocker([BUSYBOX_IMAGE]);
  await engine.info(new AbortController().signal);
  kubewright = new CommandLine();
  folder = mkdtempSync(join(tmpdir(), 'kubewright-streams-'));
  const path = join(folder, 'web.yaml');
  writeFileSync(path, manifests);
  await kubewright.ok(['up', path, '--name', name]);
});
afterAll(async () => {
  await kubewright[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe('streams of pods on the command line', () => {
  it('run commands, by pod or by what has pods, and end with their exit codes', async () => {
    expect(await kubewright.ok(['exec', 'deploy/web', '--', 'echo', 'two words', '$HOME'])).toBe('two words $HOME\n');
    const failed = await kubewright.run(['exec', 'service/web', '--', 'sh', '-c', 'echo oh >&2; exit 7']);
    expect(failed).toMatchObject({ code: 7, stdout: '' });
    expect(failed.stderr).toBe('oh\ncommand terminated with exit code 7\n');
    const missing = await kubewright.run(['exec', 'deploy/none', '--', 'ls']);
    expect(missing).toMatchObject({ code: 1, stderr: 'deployments "none" not found\n' });
    expect((await kubewright.run(['exec', 'deploy/web'])).code).toBe(2);
  });

  it('pass the standard input on to its end', async () => {
    const child = spawn(process.execPath, [cli, 'exec', '-i', 'deploy/web', '--', 'md5sum'], {
      env: { ...process.env, KUBEWRIGHT_HOME: kubewright.home, KUBECONFIG: kubewright.kubeconfig },
    });
    await using running = new Following(child);
    running.write('x'.repeat(1_000_000));
    running.closeInput();
    expect(await running.line(/-$/)).toMatch(/^[0-9a-f]{32}/);
    expect(await running.ended).toBe(0);
  });

  it('print the log of a workload', async () => {
    expect(await kubewright.ok(['logs', 'deploy/web'])).toBe('begun\n');
  });

  it('forward ports until they are interrupted', async () => {
    const child = spawn(process.execPath, [cli, 'port-forward', 'service/web', ':80'], {
      env: { ...process.env, KUBEWRIGHT_HOME: kubewright.home, KUBECONFIG: kubewright.kubeconfig },
    });
    await using forwarding = new Following(child);
    const line = await forwarding.line(/^Forwarding from 127\.0\.0\.1:\d+ -> 8080$/);
    const url = `http://127.0.0.1:${/:(\d+) /.exec(line)?.[1] ?? ''}/`;
    const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(url)).text()));
    expect(answers).toEqual(['hello\n', 'hello\n', 'hello\n']);
    child.kill('SIGINT');
    const [code] = child.exitCode === null ? await once(child, 'close') : [child.exitCode];
    expect(code).toBe(130);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('say what a Service does not have', async () => {
    const { code, stderr } = await kubewright.run(['port-forward', 'service/web', '81']);
    expect(code).toBe(1);
    expect(stderr).toContain('Service web has no port 81');
  });
});
