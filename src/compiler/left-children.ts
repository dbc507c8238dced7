/**
 * Programs that a user's program has started and left running: they would outlive it, and a thread that waits for them
 * cannot be ended. Found through /proc, so only on Linux.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { hasCode } from '../shared/error-code.ts';

function whileItLives<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return otherwise;
    throw error;
  }
}

function startedBy(pid: number, task: string): readonly number[] {
  const text = whileItLives(() => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'), '');
  const own = text.split(' ').filter(Boolean).map(Number);
  return own.flatMap((child) => {
    const tasks = whileItLives(() => readdirSync(`/proc/${child}/task`), []);
    return [child, ...tasks.flatMap((one) => startedBy(child, one))];
  });
}

/** Ends what a process has started, not the process. */
export function endProgramsOf(pid: number): void {
  const tasks = whileItLives(() => readdirSync(`/proc/${pid}/task`), []);
  for (const child of tasks.flatMap((task) => startedBy(pid, task)))
    whileItLives(() => process.kill(child, 'SIGKILL'), false);
}

/** Ends what one thread of this process has started, and what that has. */
export function endChildren(task: string): void {
  for (const pid of startedBy(process.pid, task)) whileItLives(() => process.kill(pid, 'SIGKILL'), false);
}
