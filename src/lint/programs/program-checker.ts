/** The other process that programs run in: started when it is needed, ended when it is not, replaced when it is stuck. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { builtFile } from '../../compiler/package-folder.ts';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { isRecord } from '../../shared/deep.ts';
import type { ProgramAnswer, ProgramRequest } from './report.ts';

const idleTime: Milliseconds = 120_000;
/** Beyond the time that the program itself has: for starting, bundling and the rules. */
const grace: Milliseconds = 20_000;

/** Of the package that the program itself imports, else of this one. */
function processFile(root: string): string {
  try {
    const own = createRequire(join(root, 'program.js')).resolve('kubewright/package.json');
    const file = join(dirname(own), 'dist', 'program-process.js');
    if (existsSync(file)) return file;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
  return builtFile('program-process.js');
}

function isAnswer(value: unknown): value is ProgramAnswer {
  return isRecord(value) && Array.isArray(value['reports']);
}

export class ProgramChecker implements Disposable {
  #child: ChildProcess | undefined;
  #idle: Disposable | undefined;

  constructor(
    readonly clock: Clock,
    /** The package that holds the programs; they run with it as their working folder. */
    readonly root: string,
  ) {}

  /** One at a time. @throws Error when the other process fails or does not answer in time */
  async check(request: ProgramRequest): Promise<ProgramAnswer> {
    this.#idle?.[Symbol.dispose]();
    const child = this.#running();
    try {
      return await this.#ask(child, request);
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#idle = this.clock.schedule(idleTime, () => this.#end());
    }
  }

  #running(): ChildProcess {
    if (this.#child?.connected === true) return this.#child;
    const child = fork(processFile(this.root), [], {
      cwd: this.root,
      execArgv: [],
      // Inside of an editor, Node is a part of the editor's own program.
      env: { ...process.env, ...(process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' }) },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.unref();
    child.channel?.unref();
    child.on('error', () => this.#end());
    this.#child = child;
    return child;
  }

  #ask(child: ChildProcess, request: ProgramRequest): Promise<ProgramAnswer> {
    return new Promise((resolve, reject) => {
      const limit = request.timeLimit * 6 + grace;
      const timer = this.clock.schedule(limit, () => finish(new Error('the programs were not checked in time')));
      const finish = (outcome: ProgramAnswer | Error): void => {
        timer[Symbol.dispose]();
        child.off('message', onMessage);
        child.off('exit', onExit);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      const onMessage = (message: unknown): void => {
        if (isAnswer(message)) finish(message);
        else finish(new Error(isRecord(message) ? String(message['failure']) : 'the answer makes no sense'));
      };
      const onExit = (code: number | null): void => finish(new Error(`the process that runs programs ended (${code})`));
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.send(request);
    });
  }

  #end(): void {
    this.#idle?.[Symbol.dispose]();
    this.#child?.kill();
    this.#child = undefined;
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}
