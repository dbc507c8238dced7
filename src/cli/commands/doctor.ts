/** `kubewright doctor`: what this machine has and lacks, and what to do about it. Exit 1 when a cluster cannot run here. */
import { execFile } from 'node:child_process';
import { access, constants, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import { dockerSocketPath } from '../../runtime/engine/docker/docker-address.ts';
import { DockerEngine } from '../../runtime/engine/docker/docker-engine.ts';
import { Exit } from '../command.ts';
import { homeFolder } from '../home.ts';
import { coloured } from '../output.ts';

interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'missing';
  readonly detail: string;
  readonly remedy?: string;
}

async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const file = join(folder, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}

async function program(name: string, debianPackage: string): Promise<Check> {
  const file = await findProgram(name);
  if (file !== undefined) return { name, state: 'ok', detail: file };
  return { name, state: 'missing', detail: 'not found', remedy: `apt-get install ${debianPackage}` };
}

async function docker(signal: AbortSignal): Promise<Check> {
  try {
    await using engine = new DockerEngine({ socketPath: dockerSocketPath(process.env), clock: systemClock });
    const info = await engine.info(signal);
    return {
      name: 'docker',
      state: 'ok',
      detail: `Engine ${info.version}, API ${info.apiVersion}, cgroup v${info.cgroupVersion} (${info.cgroupDriver})`,
    };
  } catch (error) {
    return {
      name: 'docker',
      state: 'missing',
      detail: error instanceof Error ? error.message : String(error),
      remedy: 'scripts/setup.sh installs and starts Docker on Debian and Ubuntu',
    };
  }
}

function kubectlVersion(): Promise<Check> {
  const remedy = 'not needed by kubewright itself; https://kubernetes.io/docs/tasks/tools/';
  return new Promise((resolve) => {
    execFile('kubectl', ['version', '--client', '-o', 'json'], (error, stdout) => {
      const version = /"gitVersion": "([^"]+)"/.exec(stdout)?.[1];
      if (error || version === undefined) resolve({ name: 'kubectl', state: 'warning', detail: 'not found', remedy });
      else resolve({ name: 'kubectl', state: 'ok', detail: version });
    });
  });
}

async function machine(): Promise<readonly Check[]> {
  const root = process.getuid?.() === 0;
  const space = await statfs('/').catch(() => undefined);
  const free = space ? (space.bavail * space.bsize) / 2 ** 30 : 0;
  const memory = freemem() / 2 ** 30;
  return [
    process.platform === 'linux'
      ? { name: 'system', state: 'ok', detail: `Linux ${process.arch}` }
      : {
          name: 'system',
          state: 'missing',
          detail: process.platform,
          remedy: 'local clusters need Linux; build and lint work everywhere',
        },
    root
      ? { name: 'user', state: 'ok', detail: 'root' }
      : {
          name: 'user',
          state: 'missing',
          detail: 'not root',
          remedy: 'the pod network needs root: run kubewright with sudo',
        },
    { name: 'memory', state: memory < 0.5 ? 'warning' : 'ok', detail: `${memory.toFixed(1)} GiB free` },
    free < 1
      ? {
          name: 'disk',
          state: 'warning',
          detail: `${free.toFixed(1)} GiB free`,
          remedy: 'free some space: images and logs need it',
        }
      : { name: 'disk', state: 'ok', detail: `${free.toFixed(1)} GiB free` },
    { name: 'state', state: 'ok', detail: homeFolder() },
  ];
}

async function doctor({ output }: { readonly output?: string }): Promise<void> {
  const { signal } = new AbortController();
  const checks = [
    ...(await machine()),
    await docker(signal),
    ...(await Promise.all([
      program('nft', 'nftables'),
      program('ip', 'iproute2'),
      program('iptables', 'iptables'),
      program('nsenter', 'util-linux'),
      program('conntrack', 'conntrack'),
    ])),
    await kubectlVersion(),
  ];
  if (output === 'json') process.stdout.write(`${JSON.stringify({ checks }, undefined, 2)}\n`);
  else {
    const colours = { ok: 'green', warning: 'yellow', missing: 'red' } as const;
    for (const { name, state, detail, remedy } of checks) {
      process.stdout.write(
        `${coloured(state.padEnd(8), colours[state])} ${name.padEnd(10)} ${detail}${remedy === undefined ? '' : `\n${' '.repeat(20)}${remedy}`}\n`,
      );
    }
  }
  if (checks.some(({ state }) => state === 'missing')) throw new Exit(1);
}

export function configure(command: Command): void {
  command.option('-o, --output <format>', 'json').action(doctor);
}
