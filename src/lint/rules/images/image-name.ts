/** A reference taken apart; the registry is the first part if it has a dot or a port, or is localhost. */
export interface ImageName {
  readonly registry: string | undefined;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export function imageName(image: string): ImageName {
  const [named = '', digest] = image.split('@');
  const slash = named.lastIndexOf('/');
  const colon = named.lastIndexOf(':');
  const tag = colon > slash ? named.slice(colon + 1) : undefined;
  const first = named.includes('/') ? named.slice(0, named.indexOf('/')) : '';
  const registry = /[.:]/.test(first) || first === 'localhost' ? first : undefined;
  return { registry, tag, digest };
}
