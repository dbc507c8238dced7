/** Options of helpers: what none of them knows is refused, since it would be dropped without a word. */

/**
 * @param known names of all options; the compiler keeps them complete
 * @throws Error for an option that there is not
 */
export function requireOptions<T extends object>(
  helper: string,
  options: T,
  known: Readonly<Record<keyof T, true>>,
): void {
  const names = Object.keys(known);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined)
    throw new Error(`${helper} has no option ${JSON.stringify(unknown)}; it has: ${names.join(', ')}`);
}
