/** Asks before anything is done. */
import type { ActionName, Row } from '../messages.ts';
import { found } from './elements.ts';

const dialog = found('confirm', HTMLDialogElement);
const question = found('question', HTMLParagraphElement);
const amount = found('amount', HTMLLabelElement);
const replicas = found('replicas', HTMLInputElement);
const ok = found('ok', HTMLButtonElement);

/** Undefined when the answer is no. */
export function confirmed(action: ActionName, row: Row): Promise<{ readonly replicas?: number } | undefined> {
  question.textContent = `${action} ${row.kind.split('/').pop() ?? ''} ${row.name}?`;
  amount.hidden = action !== 'scale';
  ok.textContent = action;
  // Of `2/3` the second; a table that shows no replicas begins at one.
  replicas.value = /\/(\d+)/.exec(row.cells.join(' '))?.[1] ?? '1';
  dialog.returnValue = 'cancel';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        if (dialog.returnValue !== 'ok') resolve(undefined);
        else resolve(action === 'scale' ? { replicas: replicas.valueAsNumber } : {});
      },
      { once: true },
    );
  });
}
