/** What Go says of texts that are no times and no base64. */

const timeFormat = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339 by Go's parser. `layout` is the form that its messages name. Undefined for what it takes. */
export function timeFault(value: string, layout: string): string | undefined {
  if (timeFormat.test(value) && !Number.isNaN(Date.parse(value))) return undefined;
  const parts: readonly (readonly [RegExp, string])[] = [
    [/^\d{4}/, '2006'],
    [/^-/, '-'],
    [/^\d\d/, '01'],
    [/^-/, '-'],
    [/^\d\d/, '02'],
    [/^T/, 'T'],
    [/^\d\d/, '15'],
    [/^:/, ':'],
    [/^\d\d/, '04'],
    [/^:/, ':'],
    [/^\d\d(\.\d+)?/, '05'],
    [/^(Z|[+-]\d\d:\d\d)/, 'Z07:00'],
  ];
  let rest = value;
  for (const [part, name] of parts) {
    const found = part.exec(rest);
    if (!found)
      return `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${name}"`;
    rest = rest.slice(found[0].length);
  }
  if (rest !== '') return `parsing time ${JSON.stringify(value)}: extra text: ${JSON.stringify(rest)}`;
  return `parsing time ${JSON.stringify(value)}: day out of range`;
}

export function base64Fault(value: string): string | undefined {
  const text = value.replaceAll(/[\r\n]/g, '');
  const bad = /[^A-Za-z0-9+/=]/.exec(text)?.index ?? /=(?!=?$)/.exec(text)?.index;
  if (bad !== undefined) return `illegal base64 data at input byte ${bad}`;
  return text.length % 4 === 0 ? undefined : `illegal base64 data at input byte ${text.length - (text.length % 4)}`;
}
