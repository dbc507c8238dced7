/** Tables and colour. */

/** Colour only on a terminal, never with NO_COLOR or in CI. */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, CI, TERM } = process.env;
  return stream.isTTY && (NO_COLOR ?? '') === '' && (CI ?? '') === '' && TERM !== 'dumb';
}

const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof codes;

export function coloured(text: string, colour: Colour, stream: NodeJS.WriteStream = process.stdout): string {
  return hasColour(stream) ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
}

/** Columns padded to their widest cell, three spaces apart, as kubectl prints them. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('   ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  process.stdout.write(tableText(head, rows));
}
