/** Where a thread is that does not come to an end: its stack, through Node's own debugger. */
import type { Session as InspectorSession } from 'node:inspector';
import type { Clock, Milliseconds } from '../shared/clock.ts';
import { isRecord } from '../shared/deep.ts';

/** A thread that waits, or that runs another program, cannot be paused. */
const patience: Milliseconds = 2_000;
const deepest = 12;
/** The number of the last question that a thread is asked. */
const last = 3;

interface Frame {
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number };
}

function isFrame(value: unknown): value is Frame {
  return (
    isRecord(value) &&
    typeof value['functionName'] === 'string' &&
    isRecord(value['location']) &&
    typeof value['location']['scriptId'] === 'string' &&
    typeof value['location']['lineNumber'] === 'number' &&
    typeof value['location']['columnNumber'] === 'number'
  );
}

/** As in an error's `stack`. */
function stackText(frames: unknown, urls: ReadonlyMap<unknown, unknown>): string | undefined {
  if (!Array.isArray(frames)) return undefined;
  return frames
    .filter(isFrame)
    .slice(0, deepest)
    .map(({ functionName, location: { scriptId, lineNumber, columnNumber } }) => {
      const place = `${String(urls.get(scriptId))}:${lineNumber + 1}:${columnNumber + 1}`;
      return functionName === '' ? `    at ${place}` : `    at ${functionName} (${place})`;
    })
    .join('\n');
}

/** Pauses a worker thread of this process and lets it go on; undefined when it cannot be paused in time. */
export async function runningStack(threadId: number, clock: Clock): Promise<string | undefined> {
  const inspector = await import('node:inspector').catch(() => undefined);
  // Node may be built without.
  if (!inspector) return undefined;
  const session = new inspector.Session();
  session.connect();
  return paused(session, threadId, clock);
}

/**
 * A thread that is busy with its garbage pauses late. It must not stay so, since what is paused cannot be ended: the
 * session goes on until the thread says that it no longer heeds the debugger, or is gone.
 */
function paused(session: InspectorSession, threadId: number, clock: Clock): Promise<string | undefined> {
  return new Promise((done) => {
    let stack: string | undefined;
    let send = (_id: number, _method: string): void => session.disconnect();
    const timer = clock.schedule(patience, () => {
      done(undefined);
      send(last, 'Debugger.disable');
    });
    const finish = (): void => {
      timer[Symbol.dispose]();
      done(stack);
      session.disconnect();
    };
    // Frames of modules name their script by number only.
    const urls = new Map<unknown, unknown>();
    session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
      // Its id counts attachments; the number of the thread stands in its title, `[worker 3]`.
      if (/\bworker (\d+)/i.exec(workerInfo.title)?.[1] !== String(threadId)) return;
      send = (id, method) =>
        session.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id, method }) });
      session.on('NodeWorker.detachedFromWorker', ({ params }) => {
        if (params.sessionId === sessionId) finish();
      });
      session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
        if (params.sessionId !== sessionId) return;
        const message: unknown = JSON.parse(params.message);
        if (!isRecord(message)) return;
        const { id, method, params: said } = message;
        if (method === 'Debugger.scriptParsed' && isRecord(said)) urls.set(said['scriptId'], said['url']);
        if (method === 'Debugger.paused' && isRecord(said)) {
          stack = stackText(said['callFrames'], urls);
          send(last, 'Debugger.disable');
        }
        if (id === last) finish();
      });
      send(1, 'Debugger.enable');
      send(2, 'Debugger.pause');
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => {
      if (error) finish();
    });
  });
}
