/** Regular expressions in bounded time: unlike Go's, this language's engine goes back and forth, exponentially often if need be. */
import { createContext, Script } from 'node:vm';

const MILLISECONDS = 100;
/** On a busy machine the time goes by without anything being done, so what had no time to work tries again. */
const ATTEMPTS = 10;
/** Longer texts are not matched at all. */
const LONGEST = 100_000;
/** Below this even a bad pattern is soon through, unless it repeats what is repeated. */
const SHORT = 64;

/** A context is dear to make, so there is one; it holds what is to be run only while that runs. */
let room: { readonly script: Script; readonly place: { run: () => void } } | undefined;

function runBounded(run: () => void): void {
  room ??= { script: new Script('run()'), place: { run } };
  room.place.run = run;
  createContext(room.place);
  room.script.runInContext(room.place, { timeout: MILLISECONDS });
}

/** Milliseconds of work that this process has done. */
function workDone(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The time was up, or the text too long. */
export class MatchTooDear extends Error {
  override readonly name = 'MatchTooDear';
}

function quantifiers(source: string): number {
  return source.match(/(?<!\\)[*+}]/g)?.length ?? 0;
}

/** Whether matching can take more than a time proportional to the text. */
function isRisky({ source }: RegExp, text: string): boolean {
  if (/\)[*+{]/.test(source)) return true;
  return text.length > SHORT && quantifiers(source) > 1;
}

/** Runs something that matches `regex` against `text`. @throws MatchTooDear */
export function boundedMatch<T>(regex: RegExp, text: string, match: () => T): T {
  if (text.length > LONGEST) throw new MatchTooDear(`texts over ${LONGEST} characters are not matched`);
  if (!isRisky(regex, text)) return match();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found: T[] = [];
    const before = workDone();
    try {
      runBounded(() => found.push(match()));
    } catch (error) {
      // Thrown in a realm of its own, so it is no Error of this one.
      const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
      if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      if (workDone() - before < MILLISECONDS / 2) continue;
      break;
    }
    const [result] = found;
    if (result === undefined) throw new MatchTooDear('the pattern could not be matched');
    return result;
  }
  throw new MatchTooDear(`the pattern could not be matched within ${MILLISECONDS} ms`);
}
