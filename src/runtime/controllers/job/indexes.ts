/** Sets of completion indexes, as `status.completedIndexes` writes them: `1,3-5,7`. Pure. */

/** First and last index, both included. */
type Interval = readonly [first: number, last: number];

/** In ascending order, with a gap between any two. */
export type Indexes = readonly Interval[];

/** Indexes of `completions` and above are left out, and so is what is no number. */
export function parseIndexes(text: string | undefined, completions: number): Indexes {
  const intervals: Interval[] = [];
  for (const part of (text ?? '').split(',')) {
    const [from = '', to = from, ...rest] = part.split('-');
    if (rest.length > 0 || !/^\d+$/.test(from) || !/^\d+$/.test(to)) continue;
    const [first, last] = [Number(from), Math.min(Number(to), completions - 1)];
    if (first <= last) intervals.push([first, last]);
  }
  return normalized(intervals);
}

export function indexesOf(numbers: Iterable<number>): Indexes {
  return normalized([...numbers].map((number) => [number, number]));
}

export function unionOf(...sets: readonly Indexes[]): Indexes {
  return normalized(sets.flat());
}

function normalized(intervals: readonly Interval[]): Indexes {
  const joined: [number, number][] = [];
  for (const [first, last] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const before = joined.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

export function countOf(indexes: Indexes): number {
  return indexes.reduce((count, [first, last]) => count + last - first + 1, 0);
}

export function hasIndex(indexes: Indexes, index: number): boolean {
  return indexes.some(([first, last]) => first <= index && index <= last);
}

/** How many indexes are in both. */
export function overlapOf(a: Indexes, b: Indexes): number {
  let count = 0;
  for (const [first, last] of a) {
    for (const [otherFirst, otherLast] of b) {
      count += Math.max(0, Math.min(last, otherLast) - Math.max(first, otherFirst) + 1);
    }
  }
  return count;
}

/** Two neighbours are written `1,2`, three or more `1-3`. */
export function indexesText(indexes: Indexes): string {
  return indexes
    .map(([first, last]) => (first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
    .join(',');
}

/** The lowest `count` indexes below `completions` that are not in `taken`. */
export function firstFree(taken: Indexes, count: number, completions: number): readonly number[] {
  const free: number[] = [];
  let candidate = 0;
  const takeUntil = (end: number): void => {
    for (; candidate < end && free.length < count; candidate += 1) free.push(candidate);
  };
  for (const [first, last] of taken) {
    takeUntil(Math.min(first, completions));
    candidate = Math.max(candidate, last + 1);
  }
  takeUntil(completions);
  return free;
}
