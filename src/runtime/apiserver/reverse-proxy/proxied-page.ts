import { RewritingStream } from 'parse5-html-rewriting-stream';
import { proxiedLink, type Proxied } from './proxied-links.ts';

/** Which attributes of which tags are URLs. */
const links: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};

/** Rewrites a page as it flows through. */
export function proxiedPage(proxied: Proxied): RewritingStream {
  const page = new RewritingStream();
  page.on('startTag', (tag, raw) => {
    const names = links[tag.tagName] ?? [];
    let changed = false;
    for (const attribute of tag.attrs) {
      if (!names.includes(attribute.name)) continue;
      const link = proxiedLink(attribute.value, proxied);
      changed ||= link !== attribute.value;
      attribute.value = link;
    }
    if (changed) page.emitStartTag(tag);
    else page.emitRaw(raw);
  });
  return page;
}
