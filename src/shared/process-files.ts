/** What the texts of /proc/PID say (proc(5)). Pure: who reads the files decides what their absence means. */

export interface ProcessStat {
  /** It is dead, but its parent (process 1 in a container that does not reap) has not asked for it. */
  readonly zombie: boolean;
  /** Clock ticks from the boot to its start. */
  readonly start: string;
}

/** @param stat /proc/PID/stat. Undefined for a text that ends too soon. */
export function processStat(stat: string): ProcessStat | undefined {
  // The second field is the command's name in parentheses, and may hold spaces and parentheses itself.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const start = fields[18];
  return start === undefined ? undefined : { zombie: state === 'Z' || state === 'X', start };
}

/** A bit for each of capabilities(7). @param status /proc/PID/status */
export function effectiveCapabilities(status: string): bigint {
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}
