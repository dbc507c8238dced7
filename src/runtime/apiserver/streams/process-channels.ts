/** The channels of a process over a WebSocket, for both sides of it (KEP-4006). */

/** Newest first. Only the newest can say that the input is at its end. */
export const processProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

/** The same in messages of text, and what came before the status of a process: clients that name no protocol mean the first of it. */
export const olderProcessProtocols = [
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
] as const;

/** Whether the end of the process is told as a Status; as a plain text of what went wrong where not. */
export function tellsStatus(protocol: string): boolean {
  return /^v[45]\./.test(protocol);
}

export const processChannels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
