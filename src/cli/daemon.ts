/** Entry of the background process of a cluster. */
import { serve } from './serve.ts';
import { isDaemonOptions } from './daemon-options.ts';
import type { DaemonMessage } from './daemon-options.ts';

function tell(message: DaemonMessage): void {
  // The starter may have been interrupted; the cluster runs on without it.
  if (process.connected) process.send?.(message, () => process.disconnect());
}

const options: unknown = JSON.parse(process.argv[2] ?? 'null');
if (!isDaemonOptions(options)) throw new Error('the daemon is started by "kubewright cluster start"');

serve(options, () => tell({ ready: true })).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    const failed = error instanceof Error ? error.message : String(error);
    if (process.connected) process.send?.({ failed }, () => process.exit(1));
    else process.exit(1);
  },
);
