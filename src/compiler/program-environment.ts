/** What a program that exports a function is called with. */
export interface ProgramEnvironment {
  /** `--env`, undefined without. */
  readonly name: string | undefined;
  /** `--set key=value`. */
  readonly values: Readonly<Record<string, string>>;
}
