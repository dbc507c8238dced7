/** The version of this package, put in by the bundler. */
declare const KUBEWRIGHT_VERSION: string;

export const version: string = typeof KUBEWRIGHT_VERSION === 'string' ? KUBEWRIGHT_VERSION : '0.0.0-source';
