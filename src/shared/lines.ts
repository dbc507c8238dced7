/** Text streams line by line. */

/** Lines of a UTF-8 stream; the last one counts even without its line feed. */
export async function* linesOf(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for await (const chunk of stream) {
    const text =
      typeof chunk === 'string' ? chunk : Buffer.isBuffer(chunk) ? decoder.decode(chunk, { stream: true }) : '';
    const [first = '', ...rest] = text.split('\n');
    parts.push(first);
    for (const line of rest) {
      yield parts.join('');
      parts = [line];
    }
  }
  const last = parts.join('') + decoder.decode();
  if (last !== '') yield last;
}
