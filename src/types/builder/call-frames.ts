/** Where a built object was made, for the messages about it. */
import { isRecord } from '../../shared/deep.ts';

/** Where a builder was called: frames of the evaluated bundle, innermost first. Kept under a symbol, so it never prints. */
export interface CallFrame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
export const sourceSymbol = Symbol.for('kubewright.source');
/** Frames enough for a builder below a component below a loop; more would only cost time. */
const frameLimit = 12;

export function captureFrames(below: (...parameters: never[]) => unknown): readonly CallFrame[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = frameLimit;
    Error.prepareStackTrace = (_, sites) =>
      sites.map((site) => ({
        file: site.getFileName() ?? '',
        line: site.getLineNumber() ?? 0,
        column: site.getColumnNumber() ?? 0,
      }));
    Error.captureStackTrace(holder, below);
    const frames: unknown = holder.stack;
    return Array.isArray(frames) ? frames.filter(isFrame) : [];
  } finally {
    if (prepareStackTrace) Error.prepareStackTrace = prepareStackTrace;
    else Reflect.deleteProperty(Error, 'prepareStackTrace');
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function isFrame(value: unknown): value is CallFrame {
  return isRecord(value) && typeof value['file'] === 'string';
}

/** The frames of the call that made this object; empty for objects that no builder made. */
export function sourceOf(object: object): readonly CallFrame[] {
  const frames: unknown = Reflect.get(object, sourceSymbol);
  return Array.isArray(frames) ? frames.filter(isFrame) : [];
}
