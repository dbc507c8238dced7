/** Go's words for a failed connection, which is how a kubelet's events read. */
export function failureText(error: Error, host: string, port: number, signal: AbortSignal, timeout: string): string {
  if (signal.aborted) return timeout;
  const code = 'code' in error ? error.code : undefined;
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: `dial tcp ${host}:${port}: connect: connection refused`,
    EHOSTUNREACH: `dial tcp ${host}:${port}: connect: no route to host`,
    ENETUNREACH: `dial tcp ${host}:${port}: connect: network is unreachable`,
    ECONNRESET: `read tcp ${host}:${port}: read: connection reset by peer`,
  };
  return (typeof code === 'string' ? words[code] : undefined) ?? error.message;
}
