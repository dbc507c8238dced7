/** Rules for names and labels (apimachinery util/validation) in upstream's words, generated names, and the template hash. */

function pattern(detail: string, regex: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${detail} (regex used for validation is '${regex}')`;
  const listed = examples.map((example) => `'${example}'`).join(',  or ');
  return `${detail} (e.g. ${listed}, regex used for validation is '${regex}')`;
}

export function tooLongText(limit: number): string {
  return `must be no more than ${limit} characters`;
}

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const label1123Pattern = new RegExp(`^${label1123}$`);
const label1123Text = pattern(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label1123,
  'my-name',
  '123-abc',
);
const subdomain1123 = `${label1123}(\\.${label1123})*`;
const subdomain1123Pattern = new RegExp(`^${subdomain1123}$`);
const subdomain1123Text = pattern(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomain1123,
  'example.com',
);
const subdomainUnderscorePattern = /^[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*$/;
const subdomainUnderscoreText = pattern(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character or '_'",
  '[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*',
  'example.com',
  '_ldap._tcp.example.com',
);
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const label1035Pattern = new RegExp(`^${label1035}$`);
const label1035Text = pattern(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  label1035,
  'my-name',
  'abc-123',
);
const wildcardPattern = new RegExp(`^\\*\\.${subdomain1123}$`);
const wildcardText = pattern(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  `\\*\\.${subdomain1123}`,
  '*.example.com',
);
const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const qualifiedNamePattern = new RegExp(`^${qualifiedName}$`);
const qualifiedCharacters =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const qualifiedNameText = pattern(qualifiedCharacters, qualifiedName, 'MyName', 'my.name', '123-abc');
const labelValuePattern = new RegExp(`^(${qualifiedName})?$`);
const labelValueText = pattern(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${qualifiedName})?`,
  'MyValue',
  'my_value',
  '12345',
);
const configKeyPattern = /^[-._a-zA-Z0-9]+$/;
const configKeyText = pattern(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  '[-._a-zA-Z0-9]+',
  'key.name',
  'KEY_NAME',
  'key-name',
);
const identifierPattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
const identifierText = pattern(
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  '[A-Za-z_][A-Za-z0-9_]*',
  'my_name',
  'MY_NAME',
  'MyName',
);
const envNameText = "a valid environment variable name must consist only of printable ASCII characters other than '='";
const httpHeaderPattern = /^[-A-Za-z0-9]+$/;
const httpHeaderText = pattern(
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  '[-A-Za-z0-9]+',
  'X-Header-Name',
);
const percentPattern = /^[0-9]+%$/;
const percentText = pattern(
  "a valid percent string must be a numeric string followed by an ending '%'",
  '[0-9]+%',
  '1%',
  '93%',
);

function measured(value: string, limit: number, regex: RegExp, text: string): readonly string[] {
  // A pattern is not run over a text far beyond its limit, whatever a client sends.
  const long = value.length > limit;
  const wrong = value.length > 4096 || !regex.test(value);
  if (!long && !wrong) return none;
  return [...(long ? [tooLongText(limit)] : []), ...(wrong ? [text] : [])];
}

const none: readonly string[] = [];

export function dns1123LabelErrors(value: string): readonly string[] {
  return measured(value, 63, label1123Pattern, label1123Text);
}

export function dns1123SubdomainErrors(value: string): readonly string[] {
  return measured(value, 253, subdomain1123Pattern, subdomain1123Text);
}

export function dns1123SubdomainWithUnderscoreErrors(value: string): readonly string[] {
  return measured(value, 253, subdomainUnderscorePattern, subdomainUnderscoreText);
}

export function dns1035LabelErrors(value: string): readonly string[] {
  return measured(value, 63, label1035Pattern, label1035Text);
}

export function wildcardSubdomainErrors(value: string): readonly string[] {
  return measured(value, 253, wildcardPattern, wildcardText);
}

export function labelValueErrors(value: string): readonly string[] {
  return measured(value, 63, labelValuePattern, labelValueText);
}

/** `prefix/name` or `name`, as label keys, finalizers and resource names are. */
export function qualifiedNameErrors(value: string): readonly string[] {
  const parts = value.length > 4096 ? [value] : value.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2) {
    return [
      `a qualified name ${pattern(qualifiedCharacters, qualifiedName, 'MyName', 'my.name', '123-abc')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const errors: string[] = [];
  if (second !== undefined) {
    if (first === '') errors.push('prefix part must be non-empty');
    else errors.push(...dns1123SubdomainErrors(first).map((text) => `prefix part ${text}`));
  }
  const name = second ?? first;
  if (name === '') errors.push('name part must be non-empty');
  errors.push(...measured(name, 63, qualifiedNamePattern, qualifiedNameText).map((text) => `name part ${text}`));
  return errors.length === 0 ? none : errors;
}

export function configMapKeyErrors(value: string): readonly string[] {
  const errors = [...measured(value, 253, configKeyPattern, configKeyText)];
  if (value === '.') errors.push("must not be '.'");
  else if (value === '..') errors.push("must not be '..'");
  else if (value.startsWith('..')) errors.push("must not start with '..'");
  return errors.length === 0 ? none : errors;
}

/** Since 1.34 any printable ASCII besides `=` (KEP-4369). */
export function envVarNameErrors(value: string): readonly string[] {
  if (value === '') return ['environment variable name must be non-empty'];
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(value) ? none : [envNameText];
}

export function identifierErrors(value: string): readonly string[] {
  return identifierPattern.test(value) ? none : [identifierText];
}

export function httpHeaderNameErrors(value: string): readonly string[] {
  return httpHeaderPattern.test(value) ? none : [httpHeaderText];
}

export function percentErrors(value: string): readonly string[] {
  return percentPattern.test(value) ? none : [percentText];
}

/** A port's name: at most 15 lower-case letters, digits and single hyphens, with one letter at least. */
export function portNameErrors(value: string): readonly string[] {
  const errors: string[] = [];
  if (value.length > 15) errors.push(tooLongText(15));
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors.length === 0 ? none : errors;
}

export function portNumberErrors(value: number): readonly string[] {
  return value >= 1 && value <= 65535 ? none : ['must be between 1 and 65535, inclusive'];
}

/** Names of RBAC objects and revisions: whatever can stand in a URL path as one segment. */
export function pathSegmentErrors(value: string): readonly string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  const errors: string[] = [];
  for (const illegal of ['/', '%']) if (value.includes(illegal)) errors.push(`may not contain '${illegal}'`);
  return errors.length === 0 ? none : errors;
}

/** A name as the base of generated names may end in a hyphen. */
export function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

/** Without vowels and look-alikes, so that no generated name is a word (apimachinery util/rand). */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Characters of the safe alphabet; `random` gives values in [0, 1). */
export function randomSuffix(length: number, random: () => number): string {
  let text = '';
  for (let i = 0; i < length; i += 1) text += safeAlphabet[Math.floor(random() * safeAlphabet.length)] ?? 'x';
  return text;
}

/** `web-` -> `web-x7k2p`; the base is cut so that the whole stays a label's 63 characters. */
export function generateName(base: string, random: () => number): string {
  return `${base.slice(0, 58)}${randomSuffix(5, random)}`;
}

/** FNV-1a with 32 bits over the UTF-8 bytes. */
export function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash >>> 0;
}

/** Digits of a number mapped to the safe alphabet, as in `pod-template-hash`. */
export function safeEncode(text: string): string {
  let encoded = '';
  for (const character of text) encoded += safeAlphabet[character.charCodeAt(0) % safeAlphabet.length] ?? 'x';
  return encoded;
}

/** JSON with sorted keys and without absent values: equal trees have equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalJson(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`).join(',')}}`;
}

/** Hash of a pod template (or of any tree) for names; `collisions` is a Deployment's status.collisionCount. */
export function templateHash(template: unknown, collisions?: number): string {
  const salt = collisions === undefined ? '' : `#${collisions}`;
  return safeEncode(String(fnv32a(canonicalJson(template) + salt)));
}
