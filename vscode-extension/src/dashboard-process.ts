/** `kubewright dashboard` as the extension's eyes: one process that tells of every change, instead of asking again and again. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ActionRequest, Change } from '../../src/dashboard/messages.ts';

export interface DashboardProcess {
  /** For a browser, with its token. */
  readonly url: string;
  /** Ends when the process does. @throws Error with the server's words */
  changes(signal: AbortSignal): AsyncGenerator<Change>;
  act(action: ActionRequest): Promise<void>;
  dispose(): void;
}

/** @throws Error with what the program said when it ended without an address */
export async function startDashboardProcess(
  command: readonly [string, ...string[]],
  context: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<DashboardProcess> {
  const [program, ...words] = command;
  const child = spawn(program, [...words, 'dashboard', '--no-open', '--context', context], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // The editor's own program is a Node only when told so.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', ...environment },
  });
  const url = await addressOf(child, program);
  const { origin, hash } = new URL(url);
  const headers = { authorization: `Bearer ${hash.slice(1)}` };
  return {
    url,
    changes: (signal) => changesFrom(`${origin}/api/changes`, headers, signal),
    async act(action) {
      const body = JSON.stringify(action);
      const response = await fetch(`${origin}/api/actions`, { method: 'POST', headers, body });
      if (!response.ok) throw new Error(messageOf(await response.text()));
    },
    dispose: () => void child.kill('SIGTERM'),
  };
}

function addressOf(child: ChildProcess, program: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.once('error', (error) =>
      reject(
        new Error(
          `${program} cannot be started (${error.message}); install it with: npm install --save-dev kubewright`,
        ),
      ),
    );
    child.once('close', () => reject(new Error(said.trim() === '' ? 'kubewright dashboard ended' : said.trim())));
    if (child.stdout) createInterface({ input: child.stdout }).once('line', resolve);
  });
}

function messageOf(text: string): string {
  const parsed: unknown = JSON.parse(text);
  const message: unknown =
    typeof parsed === 'object' && parsed !== null && 'message' in parsed ? parsed.message : undefined;
  return typeof message === 'string' ? message : text;
}

async function* changesFrom(
  address: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): AsyncGenerator<Change> {
  const response = await fetch(address, { headers, signal });
  if (!response.ok) throw new Error(messageOf(await response.text()));
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const change: Change = JSON.parse(line);
      yield change;
    }
  }
}
