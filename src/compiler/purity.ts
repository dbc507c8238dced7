/**
 * Whether a program's result follows from its sources alone. Every global that leads out of the program (clock, chance,
 * environment, files, network, timers, output) is watched while it runs: what it looked at is noted, and whoever keeps
 * results for later (a build cache) keeps none of such a run. What is not known to be harmless counts as leading out.
 */

/** Globals that give the same answers to the same questions, everywhere and always. */
const harmless: ReadonlySet<string> = new Set([
  ...['Object', 'Array', 'Number', 'Boolean', 'String', 'Symbol', 'BigInt', 'Promise', 'RegExp', 'Proxy', 'Reflect'],
  ...['Error', 'AggregateError', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'],
  ...['Map', 'Set', 'WeakMap', 'WeakSet', 'JSON', 'Math', 'Buffer', 'ArrayBuffer', 'DataView', 'globalThis', 'global'],
  ...['Uint8Array', 'Int8Array', 'Uint16Array', 'Int16Array', 'Uint32Array', 'Int32Array', 'Float32Array'],
  ...['Float64Array', 'Uint8ClampedArray', 'BigUint64Array', 'BigInt64Array', 'Iterator'],
  ...['Infinity', 'NaN', 'undefined', 'parseFloat', 'parseInt', 'isFinite', 'isNaN', 'escape', 'unescape'],
  ...['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'atob', 'btoa', 'URL', 'URLSearchParams'],
  ...['TextEncoder', 'TextDecoder', 'structuredClone', 'queueMicrotask'],
]);

/** Parts of harmless objects that are not. */
const parts: readonly (readonly [string, object, string])[] = [
  ['Math.random', Math, 'random'],
  ['URL.createObjectURL', URL, 'createObjectURL'],
];

/** Code made of texts, by way of any function's constructor: it may import. */
const makers: readonly object[] = [
  () => undefined,
  async () => Promise.resolve(),
  function* () {
    yield undefined;
  },
  async function* () {
    yield await Promise.resolve();
  },
].map((sample): object => {
  const prototype: unknown = Object.getPrototypeOf(sample);
  return typeof prototype === 'object' && prototype !== null ? prototype : Function.prototype;
});

/** Watches from now on; the answer names the first thing outside that was looked at, undefined as long as there is none. */
export function watchPurity(): () => string | undefined {
  let seen: string | undefined;
  const watch = (name: string, target: object, key: PropertyKey): void => {
    const before = Object.getOwnPropertyDescriptor(target, key);
    if (before?.configurable !== true) return;
    Object.defineProperty(target, key, {
      configurable: true,
      enumerable: before.enumerable ?? false,
      get() {
        seen ??= name;
        return before.get ? Reflect.apply(before.get, globalThis, []) : before.value;
      },
      // Somebody's own value for a global is part of the program.
      set: (value: unknown) =>
        Object.defineProperty(target, key, { configurable: true, enumerable: true, value, writable: true }),
    });
  };
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!harmless.has(name)) watch(name, globalThis, name);
  for (const [name, target, key] of parts) watch(name, target, key);
  // Node itself allocates by these: they are made to give the same bytes each time, instead of what others have left.
  for (const name of ['allocUnsafe', 'allocUnsafeSlow'])
    Object.defineProperty(Buffer, name, {
      value: (size: number) => Buffer.alloc(size),
      writable: true,
      configurable: true,
    });
  for (const prototype of makers) watch('Function', prototype, 'constructor');
  // Stacks name the place of the bundle, which is another one each time.
  Error.prepareStackTrace = (error, sites) => {
    seen ??= 'Error.stack';
    return `${error.name}: ${error.message}${sites.map((site) => `\n    at ${String(site)}`).join('')}`;
  };
  return () => seen;
}
