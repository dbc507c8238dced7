/** `kubewright down`: delete what `up` applied and wait until its containers are gone. The cluster stays. */
import type { Command } from 'commander';
import { builtInKinds } from '../../types/kinds/index.ts';
import { Registry } from '../../types/registry.ts';
import { isRunning, readRecord } from '../cluster-record.ts';
import { Exit } from '../command.ts';
import { connect } from '../connection.ts';
import { checkClusterName, clusterFolder, defaultClusterName } from '../home.ts';
import { interruption } from '../interruption.ts';
import { deleteEntries } from '../up/apply.ts';
import { allInventories, inventoryName, removeInventory } from '../up/inventory.ts';

async function down(entries: readonly string[], { name }: { readonly name: string }): Promise<void> {
  using interrupted = interruption();
  const record = await readRecord(clusterFolder(checkClusterName(name)));
  if (!record) {
    process.stdout.write(`There is no cluster ${name}; nothing to delete\n`);
    return;
  }
  if (!isRunning(record))
    throw new Exit(
      1,
      `cluster ${name} is stopped; start it with "kubewright cluster start --name ${name}", or delete it`,
    );
  using connection = await connect({ kubeconfig: record.kubeconfig }, interrupted.signal);
  const registry = new Registry(builtInKinds);
  const all = await allInventories(connection.http.client);
  const wanted = entries.length === 0 ? all : all.filter((inventory) => inventory.name === inventoryName(entries));
  for (const inventory of wanted) {
    const objects = [...inventory.objects].reverse();
    await deleteEntries(connection, registry, objects, (text) => process.stdout.write(`${text}\n`), interrupted.signal);
    await removeInventory(connection.http.client, inventory.name);
  }
  if (wanted.length === 0) process.stdout.write('Nothing of this was applied by "kubewright up"\n');
}

export function configure(command: Command): void {
  command
    .argument('[entry...]', 'what was given to up; everything that up applied when left out')
    .option('--name <cluster>', 'name of the cluster', defaultClusterName)
    .action(down);
}
