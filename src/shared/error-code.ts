/** Whether an error of Node's own carries one of these codes: `ENOENT`, `ESRCH`, `ECONNREFUSED` ... */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}
