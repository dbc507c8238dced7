/** Where clusters keep their state. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { usageError } from './command.ts';

export const defaultClusterName = 'kubewright';

/** `$KUBEWRIGHT_HOME`, else `~/.kubewright`. */
export function homeFolder(): string {
  const home = process.env['KUBEWRIGHT_HOME'];
  return home === undefined || home === '' ? join(homedir(), '.kubewright') : resolve(home);
}

/** A name that is a folder, a context, and a label. */
export function checkClusterName(name: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
    throw usageError(
      `cluster name ${JSON.stringify(name)}: lower case letters, digits and dashes, at most 40, not at the ends a dash`,
    );
  }
  return name;
}

export function clusterFolder(name: string): string {
  return join(homeFolder(), checkClusterName(name));
}

/** `kubewright` for the default cluster, `kubewright-<name>` for others. */
export function contextName(name: string): string {
  return name === defaultClusterName ? 'kubewright' : `kubewright-${name}`;
}

/** The file that kubectl would change: the last of `$KUBECONFIG`, else `~/.kube/config`. */
export function userKubeconfig(): string {
  const files = (process.env['KUBECONFIG'] ?? '').split(':').filter((file) => file !== '');
  return files.at(-1) ?? join(homedir(), '.kube', 'config');
}
