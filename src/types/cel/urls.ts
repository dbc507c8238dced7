/** URLs in expressions (apiserver cel library `urls`). */
import { failure } from './library.ts';
import type { Library } from './library.ts';

class UrlValue {
  readonly text: string;
  readonly url: URL | undefined;
  constructor(text: string) {
    this.text = text;
    // A path of its own is a URL too; it has neither scheme nor host.
    this.url = text.startsWith('/') ? undefined : new URL(text);
  }
  toString(): string {
    return this.text;
  }
}

function isUrl(text: string): boolean {
  if (/[\s\x00-\x1f]/.test(text) || /%(?![0-9a-f]{2})/i.test(text)) return false;
  if (text.startsWith('/')) return true;
  return /^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text);
}

function url(text: string): UrlValue {
  if (!isUrl(text))
    throw failure(
      `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
    );
  return new UrlValue(text);
}

/** The host with its port as written: the platform's parser drops a scheme's own port. */
function host({ text, url: parsed }: UrlValue): string {
  if (!parsed) return '';
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(text)?.[1] ?? '';
}

function path({ text }: UrlValue): string {
  return /^(?:[a-z][a-z0-9+.-]*:(?:\/\/[^/?#]*)?)?([^?#]*)/i.exec(text)?.[1] ?? '';
}

function query({ text }: UrlValue): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const search = /\?([^#]*)/.exec(text)?.[1] ?? '';
  for (const [name, value] of new URLSearchParams(search)) found.set(name, [...(found.get(name) ?? []), value]);
  return found;
}

const U = 'kubernetes.URL';

export const urls: Library = {
  types: { [U]: UrlValue },
  functions: {
    [`url(string): ${U}`]: url,
    'isURL(string): bool': isUrl,
    [`${U}.getScheme(): string`]: ({ url: parsed }: UrlValue) => parsed?.protocol.slice(0, -1) ?? '',
    [`${U}.getHost(): string`]: host,
    [`${U}.getHostname(): string`]: (value: UrlValue) =>
      host(value)
        .replace(/:\d*$/, '')
        .replace(/^\[(.*)\]$/, '$1'),
    [`${U}.getPort(): string`]: (value: UrlValue) => /:(\d+)$/.exec(host(value))?.[1] ?? '',
    [`${U}.getEscapedPath(): string`]: (value: UrlValue) => encodeURI(path(value)).replaceAll('%25', '%'),
    [`${U}.getQuery(): map<string, list<string>>`]: query,
    [`string(${U}): string`]: (value: UrlValue) => value.text,
  },
};

/** Equality of this library's type. */
export const urlEquality: readonly [string, (a: UrlValue, b: UrlValue) => boolean] = [U, (a, b) => a.text === b.text];
