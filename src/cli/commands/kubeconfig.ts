/** `kubewright kubeconfig`: prints the kubeconfig of a cluster. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { readRecord } from '../cluster-record.ts';
import { Exit } from '../command.ts';
import { checkClusterName, clusterFolder, defaultClusterName } from '../home.ts';

export function configure(command: Command): void {
  command
    .option('--name <cluster>', 'name of the cluster', defaultClusterName)
    .action(async ({ name }: { readonly name: string }) => {
      const record = await readRecord(clusterFolder(checkClusterName(name)));
      if (!record) throw new Exit(1, `there is no cluster ${name}; start one with "kubewright cluster start"`);
      process.stdout.write(await readFile(record.kubeconfig, 'utf8'));
    });
}
