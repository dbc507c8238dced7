/** `$(NAME)` in commands, arguments and values. Pure. */

/** `$$` stands for one `$`; a reference to something unknown stays as it is written. */
export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (whole === '$$') return '$';
    return lookUp(name ?? '') ?? whole;
  });
}
