/** The comments of a YAML document, by the places that they belong to. */
import { isMap, isScalar, isSeq, type Document, type ParsedNode } from 'yaml';

/** Lines of comments, their `#` taken off. */
export interface YamlComments {
  readonly before: readonly string[];
  /** Behind the value, on its line. */
  readonly after?: string | undefined;
  /** Below the last part of a map or list. */
  readonly tail: readonly string[];
}

function commentLines(comment: string | null | undefined): readonly string[] {
  return (comment ?? '')
    .split('\n')
    .map((line) => line.replace(/^ /, '').trimEnd())
    .filter((line) => line !== '');
}

export interface CommentedNode {
  readonly key: ParsedNode | null;
  readonly node: ParsedNode | null;
  /** What stands above the map whose first key this is. */
  readonly above?: string;
}

/** `root` is the document when the node is the whole of it. */
export function commentsOf(
  { key, node, above }: CommentedNode,
  root: Document.Parsed | undefined,
): YamlComments | undefined {
  // What stands above the first key of a map belongs to that key, except above an item, which has no key of its own.
  const own = isMap(node) && key !== null && key !== node ? undefined : node?.commentBefore;
  const before = [root?.commentBefore, above, key === node ? undefined : key?.commentBefore, own].flatMap(commentLines);
  const after = commentLines(isScalar(node) ? node.comment : undefined).join(' ') || undefined;
  const tail = [isMap(node) || isSeq(node) ? node.comment : undefined, root?.comment].flatMap(commentLines);
  return before.length + tail.length === 0 && after === undefined ? undefined : { before, after, tail };
}
