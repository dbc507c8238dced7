/** A patch that cannot be applied. */
export class PatchError extends Error {
  override readonly name = 'PatchError';
  /** 400: the patch is malformed; 422: it is well-formed but does not fit the object; 500: upstream answers so. */
  readonly code: 400 | 422 | 500;
  /** Whether upstream answers with the patch as the value that is at fault. */
  readonly unfit: boolean;

  constructor(message: string, code: 400 | 422 | 500, unfit = false) {
    super(message);
    this.code = code;
    this.unfit = unfit;
  }
}
