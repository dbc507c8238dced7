/** The built command line, with a home folder and a kubeconfig of its own. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isRecord } from '../../src/shared/deep.ts';
import { runProgram } from './kubectl.ts';
import type { Finished } from './kubectl.ts';

const cli = resolve(import.meta.dirname, '../../dist/cli.js');

export interface ClusterState {
  readonly name: string;
  readonly state: string;
  readonly pid: number;
  readonly server: string;
  readonly kubeconfig: string;
}

export class CommandLine implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'kubewright-home-'));
  readonly kubeconfig = join(this.folder, 'kubeconfig');
  readonly home = join(this.folder, 'home');
  readonly #names = new Set<string>();

  constructor() {
    if (!existsSync(cli)) throw new Error(`${cli} is missing: run "npm run build" first`);
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string): Promise<Finished> {
    const name = args[args.indexOf('--name') + 1];
    if (args.includes('--name') && name !== undefined) this.#names.add(name);
    return runProgram(process.execPath, [cli, ...args], {
      env: { KUBEWRIGHT_HOME: this.home, KUBECONFIG: this.kubeconfig, NO_COLOR: '1', ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
  }

  /** Standard output. @throws Error with everything said when the exit code is not 0 */
  async ok(args: readonly string[], env?: Readonly<Record<string, string>>, cwd?: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, env, cwd);
    if (code === 0) return stdout;
    throw new Error(`kubewright ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  }

  async status(name: string): Promise<ClusterState> {
    const found: unknown = JSON.parse(await this.ok(['cluster', 'status', '--name', name, '--output', 'json']));
    if (!isRecord(found)) throw new Error(`no status of ${name}`);
    const text = (field: string): string => (typeof found[field] === 'string' ? found[field] : '');
    const pid = typeof found['pid'] === 'number' ? found['pid'] : 0;
    return { name: text('name'), state: text('state'), pid, server: text('server'), kubeconfig: text('kubeconfig') };
  }

  /** Deletes the clusters that it was used for. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) await this.run(['cluster', 'delete', '--name', name]);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** What identifies a cluster's traces on the machine: read before it is deleted. */
export function traces(name: string, folder: string): () => Promise<readonly string[]> {
  const network: unknown = JSON.parse(readFileSync(join(folder, 'network.json'), 'utf8'));
  if (!isRecord(network)) throw new Error(`no network in ${folder}`);
  const text = (field: string): string => String(network[field]);
  const prefix = text('podCidr').replace(/\d+\/\d+$/, '');
  const marks = [
    prefix,
    text('serviceCidr'),
    text('kubernetesIp'),
    text('interfacePrefix'),
    `${text('networkTable')}\n`,
  ];
  marks.push(text('serviceTable'), folder);
  return async () => {
    const listings = await Promise.all(
      [
        'ip -o link',
        'ip -o addr',
        'ip route show table all',
        'ip rule',
        'nft list tables',
        'iptables-save',
        'cat /proc/self/mounts',
        `docker ps -a --filter label=kubewright.dev/cluster=${name} --format {{.Names}}`,
        'docker ps -a --format {{.Names}}\t{{.Labels}}',
      ].map((line) => {
        const [program = '', ...args] = line.split(' ');
        return runProgram(program, args);
      }),
    );
    const lines = listings.flatMap(({ stdout }) => stdout.split('\n')).map((line) => `${line}\n`);
    const labelled = `kubewright.dev/cluster=${name}`;
    return lines.filter((line) => line.includes(labelled) || marks.some((mark) => line.includes(mark)));
  };
}
