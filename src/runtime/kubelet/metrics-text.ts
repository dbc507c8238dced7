/** The text format of Prometheus, version 0.0.4. Pure. */

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** What stands behind the name: labels, if any, a space, the value. */
  readonly lines: readonly string[];
}

/** Families without a value are left out. */
export function metricsText(families: readonly Family[]): string {
  return families
    .filter(({ lines }) => lines.length > 0)
    .map(({ name, type, help, lines }) =>
      [`# HELP ${name} [STABLE] ${help}`, `# TYPE ${name} ${type}`, ...lines.map((line) => `${name}${line}`), ''].join(
        '\n',
      ),
    )
    .join('');
}

/** Names of the API need no escapes. */
export function labels(values: Readonly<Record<string, string>>): string {
  return `{${Object.entries(values)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;
}
