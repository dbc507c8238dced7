declare const KUBEWRIGHT_VERSION: string | undefined;

/** Put in by the bundler; sources run straight from the repository have none. */
export const version: string = typeof KUBEWRIGHT_VERSION === 'string' ? KUBEWRIGHT_VERSION : '0.0.0-source';
