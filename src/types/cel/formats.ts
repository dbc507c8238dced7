/** Named formats in expressions (apiserver cel library `format`). */
import { Optional } from '@marcbachmann/cel-js';
import * as names from '../names.ts';
import { isFormat } from '../validation/formats.ts';
import type { Library } from './library.ts';

type Check = (text: string) => readonly string[];

const masked =
  (check: Check): Check =>
  (text) =>
    check(names.maskTrailingDash(text));
const form =
  (name: string): Check =>
  (text) =>
    isFormat(name, text) ? [] : [`invalid ${name}`];

const checks: Readonly<Record<string, Check>> = {
  dns1123Label: names.dns1123LabelErrors,
  dns1123Subdomain: names.dns1123SubdomainErrors,
  dns1035Label: names.dns1035LabelErrors,
  qualifiedName: names.qualifiedNameErrors,
  dns1123LabelPrefix: masked(names.dns1123LabelErrors),
  dns1123SubdomainPrefix: masked(names.dns1123SubdomainErrors),
  dns1035LabelPrefix: masked(names.dns1035LabelErrors),
  labelValue: names.labelValueErrors,
  uri: form('uri'),
  uuid: form('uuid'),
  byte: form('byte'),
  date: form('date'),
  datetime: form('date-time'),
};

class Format {
  constructor(
    readonly name: string,
    readonly check: Check,
  ) {}
  toString(): string {
    return this.name;
  }
}

class Formats {}

const F = 'kubernetes.NamedFormat';

function named(name: string): Optional {
  const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
  return check ? Optional.of(new Format(name, check)) : Optional.none();
}

export const namedFormats: Library = {
  types: { [F]: Format, 'kubernetes.Formats': Formats },
  namespaces: { format: ['kubernetes.Formats', new Formats()] },
  functions: {
    'kubernetes.Formats.named(string): optional<dyn>': (_: unknown, name: string) => named(name),
    ...Object.fromEntries(
      Object.entries(checks).map(([name, check]) => [
        `kubernetes.Formats.${name}(): ${F}`,
        () => new Format(name, check),
      ]),
    ),
    [`${F}.validate(string): optional<list<string>>`]: ({ check }: Format, text: string) => {
      const errors = check(text);
      return errors.length === 0 ? Optional.none() : Optional.of([...errors]);
    },
  },
};
