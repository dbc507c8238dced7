/** The byte streams of the Docker API: JSON by lines, and logs multiplexed by 8-byte headers. */
import { EngineError, type LogChunk } from '../container-engine.ts';

/** One line of a progress or event stream is a few hundred bytes; more than this is not Docker. */
const LONGEST_LINE = 4 * 1024 * 1024;
const HEADER_BYTES = 8;
const NEWLINE = 0x0a;
/** `2026-01-01T00:00:00.000000000Z `: always nine digits, always UTC. */
export const TIMESTAMP_BYTES = 31;

/** Values of a stream of JSON documents, one a line. A chunk may hold several lines or a part of one. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new EngineError('Failed', 'the engine sent a line of more than 4 MiB');
    for (const line of lines) if (line.trim() !== '') yield parseLine(line);
  }
  if (rest.trim() !== '') yield parseLine(rest);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new EngineError('Failed', `the engine sent "${line.slice(0, 200)}", which is not JSON: ${detail}`);
  }
}

/** Output of a container with a terminal: one stream, no headers. */
export async function* rawOutput(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LogChunk> {
  for await (const data of chunks) if (data.length > 0) yield { stream: 'stdout', data };
}

/**
 * Output of a container without a terminal: frames of {stream, 0, 0, 0, length (big endian), payload}.
 * Payloads are handed on as they arrive, so a frame may come in several chunks, and no frame is held in memory.
 *
 * @param stamp bytes of what Docker sets before each frame of a log; of a long line it makes several frames, of which only
 * the first keeps it
 */
export async function* demultiplex(chunks: AsyncIterable<Uint8Array>, stamp = 0): AsyncGenerator<LogChunk> {
  const midLine = { stdout: false, stderr: false };
  let drop = 0;
  let pending: Uint8Array = new Uint8Array(0);
  let left = 0;
  let stream: LogChunk['stream'] = 'stdout';
  for await (const chunk of chunks) {
    let data = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
    pending = new Uint8Array(0);
    while (data.length > 0) {
      if (left === 0) {
        if (data.length < HEADER_BYTES) {
          pending = data;
          break;
        }
        stream = streamOf(data[0]);
        left = new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(4);
        data = data.subarray(HEADER_BYTES);
        drop = midLine[stream] ? Math.min(stamp, left) : 0;
        continue;
      }
      const payload = data.subarray(0, left);
      left -= payload.length;
      data = data.subarray(payload.length);
      const shown = payload.subarray(drop);
      drop -= payload.length - shown.length;
      if (shown.length > 0) midLine[stream] = shown.at(-1) !== NEWLINE;
      if (shown.length > 0) yield { stream, data: shown };
    }
  }
}

/** 0 is stdin (echoed), 1 stdout, 2 stderr, 3 a message of the engine itself. */
function streamOf(number: number | undefined): LogChunk['stream'] {
  if (number === 0 || number === 1) return 'stdout';
  if (number === 2 || number === 3) return 'stderr';
  throw new EngineError('Failed', `the engine's output has a frame of the unknown stream ${number}`);
}
