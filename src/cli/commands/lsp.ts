/** `kubewright lsp --stdio`: the language server, for editors. */
import type { Command } from 'commander';
import { usageError } from '../command.ts';

export function configure(command: Command): void {
  command
    .option('--stdio', 'speak the language server protocol on the standard streams')
    .action(async ({ stdio }: { readonly stdio?: boolean }) => {
      if (stdio !== true) throw usageError('kubewright lsp speaks over the standard streams: kubewright lsp --stdio');
      await import('../language-server/start.ts');
    });
}
