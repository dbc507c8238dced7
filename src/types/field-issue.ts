/** The one currency of complaints: an editor squiggle, a CI finding, a cause of an HTTP 422, a message of the command line. */

/** A property, an index, or a key of a map (`metadata.labels[app]`). */
export type PathSegment = string | number | { readonly key: string };
export type FieldPath = readonly PathSegment[];

/** Upstream's causes (apimachinery, field.ErrorType). */
export type IssueReason =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

export interface FieldIssue {
  readonly path: FieldPath;
  readonly reason: IssueReason;
  /** The whole sentence after the path, as upstream prints it: `Invalid value: "A_b": a lowercase RFC 1123 label must ...`. */
  readonly message: string;
  readonly value?: unknown;
}

/** Collects issues below one path. */
export interface IssueSink {
  readonly path: FieldPath;
  at(...path: PathSegment[]): IssueSink;
  required(detail?: string): void;
  invalid(value: unknown, detail: string): void;
  notSupported(value: unknown, supported: readonly string[]): void;
  duplicate(value: unknown): void;
  forbidden(detail: string): void;
  tooLong(value: unknown, limit: number): void;
  tooMany(count: number, limit: number): void;
  notFound(value: unknown): void;
  typeInvalid(value: unknown, detail: string): void;
}

export function pathText(path: FieldPath): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (typeof segment === 'object') text += `[${segment.key}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

/** Values in messages are printed as JSON, as Kubernetes has done since 1.34. */
function valueText(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}

class Collector implements IssueSink {
  readonly #parent: Collector | undefined;
  readonly #own: FieldPath;

  constructor(
    own: FieldPath,
    readonly issues: FieldIssue[],
    parent?: Collector,
  ) {
    this.#own = own;
    this.#parent = parent;
  }

  /** Put together only when asked for: most fields have nothing to complain about. */
  get path(): FieldPath {
    return this.#parent ? [...this.#parent.path, ...this.#own] : this.#own;
  }

  at(...path: PathSegment[]): IssueSink {
    return new Collector(path, this.issues, this);
  }
  required(detail = ''): void {
    this.#add('FieldValueRequired', detail === '' ? 'Required value' : `Required value: ${detail}`);
  }
  invalid(value: unknown, detail: string): void {
    this.#add('FieldValueInvalid', `Invalid value: ${valueText(value)}${detail === '' ? '' : `: ${detail}`}`, value);
  }
  notSupported(value: unknown, supported: readonly string[]): void {
    const options = supported.map((option) => JSON.stringify(option));
    this.#add(
      'FieldValueNotSupported',
      `Unsupported value: ${valueText(value)}: supported values: ${options.join(', ')}`,
      value,
    );
  }
  duplicate(value: unknown): void {
    this.#add('FieldValueDuplicate', `Duplicate value: ${valueText(value)}`, value);
  }
  forbidden(detail: string): void {
    this.#add('FieldValueForbidden', `Forbidden${detail === '' ? '' : `: ${detail}`}`);
  }
  tooLong(value: unknown, limit: number): void {
    this.#add('FieldValueTooLong', `Too long: may not be more than ${limit} bytes`, value);
  }
  tooMany(count: number, limit: number): void {
    this.#add('FieldValueTooMany', `Too many: ${count}: must have at most ${limit} items`, count);
  }
  notFound(value: unknown): void {
    this.#add('FieldValueNotFound', `Not found: ${valueText(value)}`, value);
  }
  typeInvalid(value: unknown, detail: string): void {
    this.#add(
      'FieldValueTypeInvalid',
      `Invalid value: ${valueText(value)}${detail === '' ? '' : `: ${detail}`}`,
      value,
    );
  }

  #add(reason: IssueReason, message: string, value?: unknown): void {
    this.issues.push({ path: this.path, reason, message, ...(value === undefined ? {} : { value }) });
  }
}

/** Runs `check` with a sink at `path` and returns what it complained about, in order. */
export function collectIssues(check: (issues: IssueSink) => void, path: FieldPath = []): readonly FieldIssue[] {
  const issues: FieldIssue[] = [];
  check(new Collector(path, issues));
  return issues;
}
