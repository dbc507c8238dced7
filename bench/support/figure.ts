/** One measured figure: printed as it is taken, and kept for the table at the end of `npm run bench`. */
import { appendFile } from 'node:fs/promises';

export interface Figure {
  readonly name: string;
  /** In `unit`. */
  readonly value: number;
  readonly unit: string;
  /** The floor or peer that was measured in the same run, in `unit`. */
  readonly floor?: number;
  /** As in "at most 150 MiB". */
  readonly target: string;
  readonly met: boolean;
}

const header: readonly string[] = ['FIGURE', 'MEASURED', 'FLOOR', 'RATIO', 'TARGET', 'MET'];

function amount(value: number, unit: string): string {
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)} ${unit}`;
}

export function row({ name, value, unit, floor, target, met }: Figure): readonly string[] {
  const compared = floor === undefined ? ['', ''] : [amount(floor, unit), (value / floor).toFixed(2)];
  return [name, amount(value, unit), ...compared, target, met ? 'yes' : 'NO'];
}

export function table(figures: readonly Figure[]): string {
  const rows = [header, ...figures.map(row)];
  const widths = header.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Prints the figure; appends it to the file `$KUBEWRIGHT_BENCH_FIGURES`, one JSON document a line. */
export async function report(figure: Figure): Promise<void> {
  console.log(
    row(figure)
      .filter((cell) => cell !== '')
      .join('  '),
  );
  const file = process.env['KUBEWRIGHT_BENCH_FIGURES'];
  if (file !== undefined) await appendFile(file, `${JSON.stringify(figure)}\n`);
}

export function atMost(name: string, value: number, unit: string, limit: number, floor?: number): Promise<void> {
  const target = `<= ${amount(limit, unit)}`;
  return report({ name, value, unit, target, met: value <= limit, ...(floor === undefined ? {} : { floor }) });
}

export function atLeast(name: string, value: number, unit: string, limit: number): Promise<void> {
  return report({ name, value, unit, target: `>= ${amount(limit, unit)}`, met: value >= limit });
}
