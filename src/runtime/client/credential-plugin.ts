/** Runs a credential plugin of a kubeconfig (KEP-541) and reads the ExecCredential that it prints. */
import { spawn } from 'node:child_process';
import { isRecord } from '../../shared/deep.ts';
import { KubeconfigError } from './kubeconfig-reader.ts';
import type { CredentialPlugin } from './kubeconfig-reader.ts';

export interface PluginCredentials {
  readonly token: string | undefined;
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
}

/** @throws KubeconfigError when the program fails or prints something else */
export async function runCredentialPlugin(
  plugin: CredentialPlugin,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<PluginCredentials> {
  const info = { apiVersion: plugin.apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  const output = await outputOf(
    plugin,
    { ...environment, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    signal,
  );
  let document: unknown;
  try {
    document = JSON.parse(output);
  } catch (error) {
    throw new KubeconfigError(`credential plugin ${plugin.command} printed no JSON: ${String(error)}`);
  }
  const status = isRecord(document) && document['kind'] === 'ExecCredential' ? document['status'] : undefined;
  if (!isRecord(status))
    throw new KubeconfigError(`credential plugin ${plugin.command} printed no ExecCredential with a status`);
  const field = (name: string): string | undefined => {
    const value = status[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    token: field('token'),
    clientCertificate: field('clientCertificateData'),
    clientKey: field('clientKeyData'),
  };
}

function outputOf(
  plugin: CredentialPlugin,
  env: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(plugin.command, [...plugin.args], { env, signal, stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', (error) => {
      reject(
        signal.aborted
          ? signal.reason
          : new KubeconfigError(`credential plugin ${plugin.command} cannot run: ${error.message}`),
      );
    });
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(new KubeconfigError(`credential plugin ${plugin.command} ended with exit code ${String(code)}`));
    });
  });
}
