/** How long `kubewright lint` takes for folders of manifests, from the start of its process to its end, and what memory it needs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli } from './support/bench-cluster.ts';
import { atMost } from './support/figure.ts';

const rounds = 5;

const pair = (index: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${index}
  labels:
    app.kubernetes.io/name: web-${index}
    team: payments
spec:
  replicas: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: web-${index}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: web-${index}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.27.${index}
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: GREETING
              value: "hello, world"
            - name: LEVEL
              valueFrom:
                configMapKeyRef: {name: settings, key: level, optional: true}
          resources:
            requests:
              cpu: 100m
              memory: 64Mi
            limits:
              memory: 64Mi
          readinessProbe:
            httpGet:
              path: /ready
              port: http
          livenessProbe:
            httpGet:
              path: /alive
              port: http
          securityContext: # as the cluster demands
            runAsNonRoot: true
            allowPrivilegeEscalation: false
---
apiVersion: v1
kind: Service
metadata:
  name: web-${index}
spec:
  selector:
    app.kubernetes.io/name: web-${index}
  ports:
    - name: http
      port: 80
      targetPort: http
`;

interface Usage {
  /** Milliseconds of the wall clock. */
  readonly time: number;
  /** Megabytes at most resident. */
  readonly memory: number;
}

/** The process says by itself, at its end, what it needed. */
const witness = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)));",
)}`;

async function run(words: readonly string[]): Promise<Usage> {
  const begin = performance.now();
  const child = spawn(process.execPath, ['--import', witness, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}: ${said}`);
  return { time: performance.now() - begin, memory: Number(said) / 1024 };
}

/** Best of some rounds: whatever else the machine does only adds. */
async function measure(folder: string): Promise<Usage> {
  const all: Usage[] = [];
  for (let round = 0; round < rounds; round++) all.push(await run([cli, 'lint', folder, '--fail-on', 'never']));
  return { time: Math.min(...all.map(({ time }) => time)), memory: Math.min(...all.map(({ memory }) => memory)) };
}

const folder = await mkdtemp(join(tmpdir(), 'kubewright-bench-'));
try {
  const begin = await Promise.all(Array.from({ length: rounds }, () => run(['-e', '0'])));
  const floor = Math.min(...begin.map(({ time }) => time));
  const folders = new Map<number, string>();
  for (const documents of [1_000, 10_000]) {
    const path = join(folder, String(documents));
    folders.set(documents, path);
    await mkdir(path);
    for (let index = 0; index < documents / 2; index++) await writeFile(join(path, `app-${index}.yaml`), pair(index));
  }
  const small = await measure(folders.get(1_000) ?? '');
  await atMost('lint, 1,000 documents (floor: bare Node)', small.time, 'ms', 800, floor);
  await atMost('lint, 1,000 documents: peak memory', small.memory, 'MB', 120);
  const large = await measure(folders.get(10_000) ?? '');
  await atMost('lint, 10,000 documents', large.time, 'ms', 5_000);
} finally {
  await rm(folder, { recursive: true, force: true });
}
