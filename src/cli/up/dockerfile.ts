/** Where in a Dockerfile a build failed. */

/** First lines of the instructions, 1-based: comments, continued lines and texts of heredocs are none. */
export function instructionLines(text: string): readonly number[] {
  const lines = text.split(/\r?\n/);
  const escape = /^#\s*escape\s*=\s*`/im.test(lines.slice(0, 3).join('\n')) ? '`' : '\\';
  const found: number[] = [];
  let continued = false;
  let ends: string[] = [];
  for (const [index, line] of lines.entries()) {
    const trimmed = line.trim();
    if (ends.length > 0) {
      if (trimmed === ends[0]) ends.shift();
      continue;
    }
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    if (!continued) found.push(index + 1);
    continued = trimmed.endsWith(escape);
    ends = [...line.matchAll(/<<-?(["']?)([A-Za-z_]\w*)\1/g)].flatMap(([, , word]) => word ?? []);
  }
  return found;
}

/**
 * The line that an error, or the output before it, is about: Docker names it, or the number of the step.
 * Undefined where neither is known.
 */
export function failedLine(text: string, error: string, output: readonly string[]): number | undefined {
  const named =
    /(?:[Dd]ockerfile parse error|parse error)(?: on)? line (\d+)/.exec(error) ??
    /^\S*[Dd]ockerfile\S*:(\d+)$/m.exec([...output, error].join('\n'));
  if (named) return Number(named[1]);
  const step = output.map((line) => /^Step (\d+)\/\d+ : /.exec(line)?.[1]).findLast((number) => number !== undefined);
  return step === undefined ? undefined : instructionLines(text)[Number(step) - 1];
}
