/**
 * The standard output is the compiler's alone: manifests are read from it. A thread shares it with its process, so what a
 * program writes there by number, by path, or through programs that it starts, is led to the standard error output.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isRecord } from '../shared/deep.ts';

const output = 1;
const errors = 2;

function namesOutput(path: string): boolean {
  return /^\/dev\/(?:stdout|fd\/1)$|^\/proc\/(?:self|thread-self|\d+)\/fd\/1$/.test(path);
}

function pathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof URL && value.protocol === 'file:') return fileURLToPath(value);
  return Buffer.isBuffer(value) ? value.toString() : undefined;
}

/** A number or a path of a file. By its number it is written to where it stands; opened by its path, it would begin anew. */
function elsewhere(file: unknown): unknown {
  const path = pathOf(file);
  return file === output || (path !== undefined && namesOutput(path)) ? errors : file;
}

/** What a child's number 1 is: inherited, by number, or as a stream. */
function streamElsewhere(stream: unknown, index: number): unknown {
  if (stream === 'inherit' && index === output) return errors;
  if (stream === output || (isRecord(stream) && stream['fd'] === output)) return errors;
  // A thread's own streams have no number that a child could be given.
  if (stream === process.stdout || stream === process.stderr) return errors;
  return stream;
}

function stdioElsewhere(stdio: unknown): unknown {
  if (stdio === 'inherit') return ['inherit', errors, errors];
  return Array.isArray(stdio) ? stdio.map((stream: unknown, index) => streamElsewhere(stream, index)) : stdio;
}

function optionsElsewhere(value: unknown): unknown {
  return isRecord(value) && 'stdio' in value ? { ...value, stdio: stdioElsewhere(value['stdio']) } : value;
}

type Arguments = readonly unknown[];

function change(owner: object, name: string, changed: (given: Arguments) => Arguments): void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') return;
  const replacement = function (this: unknown, ...given: unknown[]): unknown {
    return Reflect.apply(original, this, changed(given));
  };
  // Its name, and what `promisify` finds on it.
  Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
  Reflect.set(owner, name, replacement);
}

/** What is closed here is closed for the compiler too. */
function keepOpen(): void {
  const isOurs = (file: unknown): boolean => file === output || file === errors;
  const { close, closeSync } = fs;
  fs.closeSync = (file) => {
    if (!isOurs(file)) closeSync(file);
  };
  const closed = (file: number, done?: fs.NoParamCallback): void => {
    if (!isOurs(file)) close(file, done);
    else if (done) process.nextTick(done, null);
  };
  Reflect.set(fs, 'close', closed);
}

const byFile = [
  'write',
  'writeSync',
  'writev',
  'writevSync',
  'writeFile',
  'writeFileSync',
  'appendFile',
  'appendFileSync',
];

/** To open the output is to be given its number, which `close` leaves open. */
function openElsewhere(): void {
  const { open, openSync } = fs;
  fs.openSync = (path, ...others) => (elsewhere(path) === errors ? errors : openSync(path, ...others));
  Reflect.set(fs, 'open', (path: fs.PathLike, ...others: unknown[]) => {
    const done = others.at(-1);
    if (elsewhere(path) !== errors || typeof done !== 'function') return Reflect.apply(open, fs, [path, ...others]);
    process.nextTick(done, null, errors);
  });
}

/** Promises of files are made by path only; what is written whole can go by number all the same. */
function promisesElsewhere(): void {
  const { appendFile, open, writeFile } = fs.promises;
  const toErrors = promisify(fs.writeFile);
  const writer =
    (original: typeof writeFile | typeof appendFile) =>
    (file: unknown, ...others: unknown[]): unknown =>
      elsewhere(file) === errors
        ? Reflect.apply(toErrors, undefined, [errors, ...others])
        : Reflect.apply(original, fs.promises, [file, ...others]);
  Reflect.set(fs.promises, 'writeFile', writer(writeFile));
  Reflect.set(fs.promises, 'appendFile', writer(appendFile));
  fs.promises.open = (path, ...others) =>
    elsewhere(path) === errors ? open('/dev/stderr', 'a') : open(path, ...others);
}

/** From now on, for everything that this thread imports. */
export function guardStandardOutput(): void {
  for (const name of byFile) change(fs, name, ([file, ...others]) => [elsewhere(file), ...others]);
  openElsewhere();
  promisesElsewhere();
  keepOpen();
  change(childProcess.ChildProcess.prototype, 'spawn', (given) => given.map(optionsElsewhere));
  for (const name of ['spawnSync', 'execSync', 'execFileSync'])
    change(childProcess, name, (given) => given.map(optionsElsewhere));
  syncBuiltinESMExports();
}
