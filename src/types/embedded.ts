/** A whole object inside another one (claim templates): there its apiVersion and kind go without saying. */
export type Embedded<T extends { readonly apiVersion: string; readonly kind: string; readonly metadata?: unknown }> =
  Omit<T, 'apiVersion' | 'kind' | 'metadata'> & Partial<Pick<T, 'apiVersion' | 'kind' | 'metadata'>>;
