/** Checks of single values that many kinds share (apimachinery validation and core validation), in upstream's words. */
import { isIP } from 'node:net';
import type { IssueSink } from '../field-issue.ts';
import type { IntOrString } from '../int-or-string.ts';
import { dns1123SubdomainErrors, percentErrors, portNameErrors, portNumberErrors } from '../names.ts';
import type { Quantity } from '../quantity.ts';
import { quantitySign } from '../quantity.ts';
import { invalidEach } from './metadata.ts';

export const MAX_INT32 = 2_147_483_647;

/** Absent and empty are the same to a Go server. */
export function isBlank(text: string | undefined): text is undefined | '' {
  return text === undefined || text === '';
}

export function checkPresent(value: string | undefined, issues: IssueSink, detail?: string): value is string {
  if (!isBlank(value)) return true;
  issues.required(detail);
  return false;
}

export function checkOneOf(value: string | undefined, supported: readonly string[], issues: IssueSink): void {
  if (isBlank(value)) issues.required();
  else if (!supported.includes(value)) issues.notSupported(value, supported);
}

/** Like `checkOneOf` where nothing is a fine answer too. */
export function checkOptionalOneOf(value: string | undefined, supported: readonly string[], issues: IssueSink): void {
  if (value !== undefined && !supported.includes(value)) issues.notSupported(value, supported);
}

export function checkNonNegative(value: number | undefined, issues: IssueSink): void {
  if (value !== undefined && value < 0) issues.invalid(value, 'must be greater than or equal to 0');
}

export function checkPositive(value: number | undefined, issues: IssueSink): void {
  if (value !== undefined && value <= 0) issues.invalid(value, 'must be greater than zero');
}

export function checkRange(value: number | undefined, from: number, to: number, issues: IssueSink): void {
  if (value !== undefined && (value < from || value > to)) {
    issues.invalid(value, `must be between ${from} and ${to}, inclusive`);
  }
}

export function checkNonNegativeQuantity(value: Quantity | undefined, issues: IssueSink): void {
  if (value !== undefined && quantitySign(value) < 0)
    issues.invalid(String(value), 'must be greater than or equal to 0');
}

export function checkSubdomain(value: string, issues: IssueSink): void {
  invalidEach(issues, value, dns1123SubdomainErrors(value));
}

/** A required reference by name: empty is missing, anything else a DNS subdomain. */
export function checkNameReference(value: string | undefined, issues: IssueSink): void {
  if (checkPresent(value, issues)) checkSubdomain(value, issues);
}

export function checkPortNumber(value: number | undefined, issues: IssueSink): void {
  invalidEach(issues, value ?? 0, portNumberErrors(value ?? 0));
}

export function checkPort(value: IntOrString | undefined, issues: IssueSink): void {
  if (typeof value === 'string') invalidEach(issues, value, portNameErrors(value));
  else checkPortNumber(value, issues);
}

/** A count that is not negative, or a percentage. */
export function checkCountOrPercent(value: IntOrString | undefined, issues: IssueSink): void {
  if (typeof value === 'string') invalidEach(issues, value, percentErrors(value));
  else checkNonNegative(value, issues);
}

export function checkNotOverHundredPercent(value: IntOrString | undefined, issues: IssueSink): void {
  if (typeof value !== 'string' || percentErrors(value).length > 0) return;
  if (Number(value.slice(0, -1)) > 100) issues.invalid(value, 'must not be greater than 100%');
}

export const ipErrorText = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
export const cidrErrorText = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

export function checkIP(value: string | undefined, issues: IssueSink): boolean {
  if (isIP(value ?? '') !== 0) return true;
  issues.invalid(value ?? '', ipErrorText);
  return false;
}

export function isCIDR(value: string): boolean {
  const [address = '', bits = '', ...rest] = value.split('/');
  const version = isIP(address);
  return version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

export function checkCIDR(value: string, issues: IssueSink): void {
  if (!isCIDR(value)) issues.invalid(value, cidrErrorText);
}

/** An address that an endpoint or an external IP may have: none that only means something on one host. */
export function checkReachableIP(value: string | undefined, issues: IssueSink): void {
  if (!checkIP(value, issues) || value === undefined) return;
  if (value === '0.0.0.0' || value === '::') issues.invalid(value, `may not be unspecified (${value})`);
  if (/^127\./.test(value)) issues.invalid(value, 'may not be in the loopback range (127.0.0.0/8)');
  if (value === '::1') issues.invalid(value, 'may not be in the loopback range (::1/128)');
  if (/^169\.254\./.test(value)) issues.invalid(value, 'may not be in the link-local range (169.254.0.0/16)');
  if (/^fe[89ab]/i.test(value)) issues.invalid(value, 'may not be in the link-local range (fe80::/10)');
  if (/^224\.0\.0\./.test(value)) issues.invalid(value, 'may not be in the link-local multicast range (224.0.0.0/24)');
  if (/^ff02:/i.test(value)) issues.invalid(value, 'may not be in the link-local multicast range (ff02::/10)');
}

export function checkRelativePath(path: string, issues: IssueSink): void {
  if (path.startsWith('/')) issues.invalid(path, 'must be a relative path');
  if (path.split('/').includes('..')) issues.invalid(path, "must not contain '..'");
}

/** A file below a volume: names that begin with two dots are the kubelet's own. */
export function checkRelativeFile(path: string, issues: IssueSink): void {
  checkRelativePath(path, issues);
  if (path.startsWith('..') && !path.startsWith('../')) issues.invalid(path, "must not start with '..'");
}

export function checkFileMode(mode: number | undefined, issues: IssueSink): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) {
    issues.invalid(mode, 'must be a number between 0 and 0777 (octal), both inclusive');
  }
}
