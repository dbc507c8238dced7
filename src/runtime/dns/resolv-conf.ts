import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hasCode } from '../../shared/error-code.ts';

/** The servers of a resolv.conf(5), at most three as there, without those of `except`. */
export function nameservers(text: string, except: ReadonlySet<string>): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? [])
    .filter((address) => isIP(address) !== 0 && !except.has(address))
    .slice(0, 3);
}

/** The host's resolvers, read anew when the file has changed, as it does when a laptop changes networks. */
export class ResolvConf {
  readonly #path: string;
  readonly #except: ReadonlySet<string>;
  #modified = -1;
  #servers: readonly string[] = [];

  /** `except`: addresses the cluster's own server answers on. */
  constructor(except: ReadonlySet<string>, path = '/etc/resolv.conf') {
    this.#path = path;
    this.#except = except;
  }

  async servers(): Promise<readonly string[]> {
    try {
      const { mtimeMs } = await stat(this.#path);
      if (mtimeMs === this.#modified) return this.#servers;
      this.#servers = nameservers(await readFile(this.#path, 'utf8'), this.#except);
      this.#modified = mtimeMs;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      this.#servers = []; // a machine without resolver
      this.#modified = -1;
    }
    return this.#servers;
  }
}
