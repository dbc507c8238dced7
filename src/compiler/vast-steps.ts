/**
 * Whether a program may do what only a process of its own survives. V8 looks for an end, and for the limit of memory,
 * between steps; a single step on an enormous array or text can be neither interrupted nor refused, and ends the whole
 * process when its memory runs out. Threads and programs that it starts would have the compiler's own standard output.
 */

const beforeNumber = '(?<=[\\s(,=*+:[<>-])';
const afterNumber = '(?=[\\s),;*+:\\]}.<>/-])';
/** From ten million on; esbuild writes 3000 as 3e3. */
const largeNumber = `${beforeNumber}(?:\\d(?:_?\\d){7,}|[\\d.]+e(?:[7-9]|[1-9]\\d+)|0x[\\da-fA-F]{6,})${afterNumber}`;
const unlessSmall = '(?!\\s*(?:[\\d_]{0,7}\\)|\\[))';

/** What makes something large out of nothing, first the more telling. */
const makers: readonly RegExp[] = [
  new RegExp(`(?:\\bnew )?(?<![\\w$.])Array\\(${unlessSmall}[^"'\`]`, 'g'),
  new RegExp(`\\.(?:repeat|padStart|padEnd)\\(${unlessSmall}`, 'g'),
  new RegExp(`(?:\\bnew )?(?<![\\w$.])(?:[A-Z]\\w+Array|(?:Shared)?ArrayBuffer)\\(${unlessSmall}`, 'g'),
  new RegExp(`(?<![\\w$.])Buffer\\.alloc\\w*\\(${unlessSmall}`, 'g'),
  /(?<=[\w$)\]])\.length\s*=(?![=>])/g,
  new RegExp(largeNumber, 'g'),
  /\*\*|(?<=\w )<<(?= \w)/g,
];

const modules =
  /["'](?:node:)?(?:child_process|worker_threads|cluster|vm|v8|wasi|inspector|module|process)(?:\/\w+)?["']|\bWebAssembly\b|\bgetBuiltinModule\b|\.dlopen\b|\bprocess\.binding\b/;

export function needsOwnProcess(code: string): boolean {
  return modules.test(code) || makers.some((maker) => code.search(maker) >= 0);
}

/** The one place that can be meant, as in an error's `stack`; empty where there are several, or none. */
export function likelyPlace(code: string, url: string): string {
  const found = makers.map((maker) => [...code.matchAll(maker)]).find((matches) => matches.length > 0);
  const [only, other] = found ?? [];
  if (!only || other) return '';
  const before = code.slice(0, only.index).split('\n');
  return `    at ${url}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
