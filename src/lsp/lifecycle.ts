/** Messages that come before their time or after it: the protocol says how they are answered (LSP 3.17, lifecycle messages). */
import { ErrorCodes, Message, ResponseError } from 'vscode-languageserver/node';
import type { Connection, MessageStrategy } from 'vscode-languageserver/node';

type Phase = 'new' | 'running' | 'ended';

/** Requests that are refused get these names, whose handlers refuse them. */
const refusals = {
  '$kubewright/notInitialized': [ErrorCodes.ServerNotInitialized, 'the server is not initialized yet'],
  '$kubewright/initializedTwice': [ErrorCodes.InvalidRequest, 'the server is initialized already'],
  '$kubewright/ended': [ErrorCodes.InvalidRequest, 'the server was shut down'],
} as const;

type Refusal = keyof typeof refusals;

export function registerRefusals(connection: Connection): void {
  for (const [method, [code, text]] of Object.entries(refusals))
    connection.onRequest(method, () => new ResponseError(code, text));
}

export class Lifecycle implements MessageStrategy {
  #phase: Phase = 'new';

  handleMessage(message: Message, next: (message: Message) => void): void {
    if (Message.isRequest(message)) {
      const refusal = this.#refusalOf(message.method);
      next(refusal === undefined ? message : { ...message, method: refusal });
    } else if (!Message.isNotification(message) || this.#takes(message.method)) next(message);
  }

  #refusalOf(method: string): Refusal | undefined {
    if (this.#phase === 'ended') return '$kubewright/ended';
    if (method === 'initialize') {
      if (this.#phase === 'running') return '$kubewright/initializedTwice';
      this.#phase = 'running';
      return undefined;
    }
    if (this.#phase === 'new') return '$kubewright/notInitialized';
    if (method === 'shutdown') this.#phase = 'ended';
    return undefined;
  }

  #takes(method: string): boolean {
    return this.#phase === 'running' || method === 'exit' || method.startsWith('$/');
  }
}
