/** Rules that the kinds of storage drivers share. */
import type { IssueSink } from '../field-issue.ts';
import { dns1123SubdomainErrors } from '../names.ts';
import { checkPresent } from './field-checks.ts';
import { invalidEach } from './metadata.ts';

const MOST_CHARACTERS = 63;

/** A CSI driver's name: a DNS subdomain in any case, at most 63 characters long. */
export function checkDriverName(given: string | undefined, at: IssueSink): void {
  const name = given ?? '';
  checkPresent(name, at);
  if (name.length > MOST_CHARACTERS) at.tooLong(name, MOST_CHARACTERS);
  invalidEach(at, name, dns1123SubdomainErrors(name.toLowerCase()));
}

const MOST_PARAMETERS = 512;
const MOST_BYTES = 256 * 1024;

/** Parameters of a class: few enough, and together small enough to be sent along with every request. */
export function checkParameters(parameters: { readonly [key: string]: string }, at: IssueSink): void {
  const entries = Object.entries(parameters);
  if (entries.length > MOST_PARAMETERS) {
    at.tooLong('Provisioner Parameters exceeded max allowed', MOST_PARAMETERS);
    return;
  }
  if (entries.some(([key]) => key === '')) at.invalid('', 'field can not be empty.');
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (size > MOST_BYTES) at.tooLong('', MOST_BYTES);
}
