import { createMemoryStore } from '../../../src/runtime/storage/memory-store.ts';
import { storeContract } from '../../contract/store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

storeContract('memory', () => {
  const clock = new ManualClock();
  return Promise.resolve({ clock, store: createMemoryStore({ clock, watchQueue: 100 }) });
});
