/** A configuration that cannot be meant: the message says what and where. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
