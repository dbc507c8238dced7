import { keyOf, keyText } from '../../../types/meta.ts';
import type { KubeObject, ObjectKey, Persisted } from '../../../types/meta.ts';
import type { Informer } from '../../client/informer.ts';

/** What a controller wrote last, until its informer has caught up: nothing is decided on a copy from before a write of its own. */
export class OwnWrites<T extends KubeObject> {
  readonly #informer: Informer<T>;
  readonly #written = new Map<string, Persisted<T>>();

  constructor(informer: Informer<T>) {
    this.#informer = informer;
  }

  remember(written: Persisted<T>): void {
    this.#written.set(keyText(keyOf(written)), written);
  }

  /** The younger of the informer's copy and of what was written of the same object; undefined once it is gone. */
  newest(key: ObjectKey): Persisted<T> | undefined {
    const [known, text] = [this.#informer.get(key), keyText(key)];
    const written = this.#written.get(text);
    const isNewer =
      written !== undefined &&
      written.metadata.uid === known?.metadata.uid &&
      Number(written.metadata.resourceVersion) > Number(known.metadata.resourceVersion);
    if (isNewer) return written;
    this.#written.delete(text);
    return known;
  }
}
