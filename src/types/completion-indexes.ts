/** Sets of completion indexes of a Job, as specs and statuses write them: `1,3-5,7`. */

/** First and last index, both included. */
export type IndexInterval = readonly [first: number, last: number];

/** What is wrong with the text, or the intervals that it names. */
export function readIndexes(text: string, completions: number): readonly IndexInterval[] | string {
  const intervals: IndexInterval[] = [];
  let previous: number | undefined;
  for (const part of text === '' ? [] : text.split(',')) {
    const interval = readInterval(part, completions);
    if (typeof interval === 'string') return interval;
    const [first, last] = interval;
    if (previous !== undefined && previous >= first) return outOfOrder(previous, first);
    intervals.push(interval);
    previous = last;
  }
  return intervals;
}

function readInterval(part: string, completions: number): IndexInterval | string {
  const [from = '', to, ...rest] = part.split('-');
  if (rest.length > 0) {
    return `the fragment "${part}" violates the requirement that an index interval can have at most two parts separated by '-'`;
  }
  for (const text of [from, to]) {
    if (text === undefined) continue;
    if (!/^\d{1,10}$/.test(text)) return `cannot convert string to integer for index: "${text}"`;
    if (Number(text) >= completions) return `too large index: "${text}"`;
  }
  const [first, last] = [Number(from), Number(to ?? from)];
  return to !== undefined && first >= last ? outOfOrder(first, last) : [first, last];
}

function outOfOrder(previous: number, current: number): string {
  return `non-increasing order, previous: ${previous}, current: ${current}`;
}

export function countIndexes(intervals: readonly IndexInterval[]): number {
  return intervals.reduce((count, [first, last]) => count + last - first + 1, 0);
}
