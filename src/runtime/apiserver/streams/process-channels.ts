/** The channels of a process over a WebSocket, for both sides of it (KEP-4006). */

/** Newest first. Only the newest can say that the input is at its end. */
export const processProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

export const processChannels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
