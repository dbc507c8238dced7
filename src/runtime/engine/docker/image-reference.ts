/** `[registry[:port]/]path[:tag][@digest]` in the two halves that Docker asks for. */
export interface PullTarget {
  readonly fromImage: string;
  /** A tag or a digest; never empty, since an empty one pulls every tag. */
  readonly tag: string;
}

export function pullTarget(image: string): PullTarget {
  const at = image.indexOf('@');
  if (at >= 0) return { fromImage: withoutTag(image.slice(0, at)), tag: image.slice(at + 1) };
  const name = withoutTag(image);
  return { fromImage: name, tag: image.slice(name.length + 1) || 'latest' };
}

/** A colon before the last slash belongs to the registry's port. */
function withoutTag(name: string): string {
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}
