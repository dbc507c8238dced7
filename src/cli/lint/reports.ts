/** Which reports a run writes: the words --format and --output, in pairs. */
import { writeFile } from 'node:fs/promises';
import { usageError } from '../command.ts';
import type { LintReport } from './finding.ts';
import { formats } from './formats.ts';

export interface Destination {
  /** Without, `text`. */
  format?: string;
  /** Without, or as `-`, the standard output. */
  output?: string;
}

/** `--format sarif --output a.sarif --format text`: each --output belongs to the --format beside it. */
export class Destinations {
  readonly #all: Destination[] = [];

  addFormat(format: string): void {
    const last = this.#all.at(-1);
    if (last && last.format === undefined) last.format = format;
    else this.#all.push({ format });
  }

  addOutput(output: string): void {
    const last = this.#all.at(-1);
    if (last && last.output === undefined) last.output = output;
    else this.#all.push({ output });
  }

  /** @throws Exit with code 2 for formats that there are not, and for two reports into one place */
  all(): readonly Required<Destination>[] {
    const named: readonly Destination[] = this.#all.length === 0 ? [{}] : this.#all;
    const all = named.map(({ format = 'text', output = '-' }) => ({ format, output }));
    for (const { format, output } of all) {
      if (!Object.hasOwn(formats, format))
        throw usageError(`--format is one of ${Object.keys(formats).join(', ')}, not ${format}`);
      if (all.filter((one) => one.output === output).length < 2) continue;
      const place = output === '-' ? 'the standard output' : output;
      throw usageError(`two reports go to ${place}; give each --format an --output of its own`);
    }
    return all;
  }
}

export async function writeReports(report: LintReport, destinations: readonly Required<Destination>[]): Promise<void> {
  for (const { format, output } of destinations) {
    const text = formats[format]?.(report) ?? '';
    if (output === '-') process.stdout.write(text);
    else await writeTo(output, text);
  }
}

async function writeTo(output: string, text: string): Promise<void> {
  try {
    await writeFile(output, text);
  } catch (error) {
    throw usageError(`--output ${output}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
