import { describe, expect, it } from 'vitest';
import { failedLine, instructionLines } from '../../../src/cli/up/dockerfile.ts';

const text = `# syntax of old
ARG BASE=busybox
FROM \${BASE}

RUN echo a \\
  # in between

  && false
COPY <<EOF /a
RUN none
EOF
CMD ["sh"]
`;

describe('a Dockerfile', () => {
  it('has instructions', () => {
    expect(instructionLines(text)).toEqual([2, 3, 5, 9, 12]);
    expect(instructionLines('# escape=`\r\nFROM a\r\nRUN a `\r\n  b\r\nCMD c\r\n')).toEqual([2, 3, 5]);
  });

  it('fails at a line', () => {
    expect(failedLine(text, 'The command returned 1', ['Step 2/5 : FROM x', 'Step 3/5 : RUN echo'])).toBe(5);
    expect(failedLine(text, 'dockerfile parse error line 7: unknown instruction: FOO', [])).toBe(7);
    expect(failedLine(text, 'dockerfile parse error on line 2: unknown', [])).toBe(2);
    expect(failedLine(text, 'process did not complete', ['------', 'Dockerfile:5', '---'])).toBe(5);
    expect(failedLine(text, 'out of disk', [])).toBeUndefined();
  });
});
