/** Values as they are written into YAML. */

/** Texts that are no texts to YAML go into quotes. */
export function quoted(value: string): string {
  return /^(?:true|false|yes|no|on|off|y|n|null|~|[-+.\d][\d._xobe+-]*|)$/i.test(value) ||
    /^[*&!%@`"'{[|>#,?-]|: |\s#|:$/.test(value)
    ? JSON.stringify(value)
    : value;
}
