/**
 * Texts of a fixed form. A literal that breaks the form turns into the message about it, which it does not match; what is
 * only known as text passes, and is checked when the program runs.
 */
/** Of a text that is only known as text, or in parts, nothing is a property. */
type Open<Text extends string> = Record<never, never> extends Record<Text, 1> ? true : false;
type Loose<Text extends string, Message extends string> = Open<Text> extends true ? Text : Message;

type QuantitySuffix =
  '' | 'n' | 'u' | 'm' | 'k' | 'M' | 'G' | 'T' | 'P' | 'E' | 'Ki' | 'Mi' | 'Gi' | 'Ti' | 'Pi' | 'Ei';
/** As a property of an interface, the pattern is not made anew for every text that is compared with it. */
export interface QuantityForm {
  readonly text: number | `${number}${QuantitySuffix}`;
}
export type QuantityLiteral<Text extends string> = Text extends string
  ? { readonly text: Text } extends QuantityForm
    ? Text
    : Loose<Text, `'${Text}' is no quantity; write one such as 100m, 0.5, 64Mi or 1Gi`>
  : never;

export interface PercentForm {
  readonly text: number | `${bigint}%`;
}
export type PercentLiteral<Text extends string> = Text extends `${bigint}%`
  ? Text
  : Loose<Text, `'${Text}' is no percentage; write one such as 25%, or a number`>;

type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';
type Octet =
  | Digit
  | `${Exclude<Digit, '0'>}${Digit}`
  | `1${Digit}${Digit}`
  | `2${'0' | '1' | '2' | '3' | '4'}${Digit}`
  | `25${'0' | '1' | '2' | '3' | '4' | '5'}`;
type IsIpv4<Text extends string> = Text extends `${infer A}.${infer B}.${infer C}.${infer D}`
  ? [A, B, C, D] extends [Octet, Octet, Octet, Octet]
    ? true
    : false
  : false;
type IsAddress<Text extends string> = Text extends `${string}:${string}` ? true : IsIpv4<Text>;
export type AddressLiteral<Text extends string> = Text extends string
  ? IsAddress<Text> extends true
    ? Text
    : Loose<Text, `'${Text}' is no IP address; write one such as 10.0.0.1 or fd00::1`>
  : never;

type PrefixLength = Digit | `${'1' | '2'}${Digit}` | '30' | '31' | '32';
type IsRange<Text extends string> = Text extends `${infer Address}/${infer Length}`
  ? Address extends `${string}:${string}`
    ? Length extends `${bigint}`
      ? true
      : false
    : Length extends PrefixLength
      ? IsIpv4<Address>
      : false
  : false;
export type RangeLiteral<Text extends string> =
  IsRange<Text> extends true
    ? Text
    : Loose<Text, `'${Text}' is no address range; write one such as 10.0.0.0/8 or fd00::/64`>;

type Spaced = `${string} ${string}`;
type IsSchedule<Text extends string> = Text extends
  `@${'yearly' | 'annually' | 'monthly' | 'weekly' | 'daily' | 'midnight' | 'hourly'}` | `@every ${string}`
  ? true
  : Text extends `${infer A} ${infer B} ${infer C} ${infer D} ${infer E}`
    ? '' extends A | B | C | D | E
      ? false
      : E extends Spaced
        ? false
        : [Within<A, Minute>, Within<B, Hour>, Within<C, Day>, Within<D, Month>, Within<E, Weekday>] extends All<true>
          ? true
          : false
    : false;
type All<T> = [T, T, T, T, T];
/** Numbers that stand alone are looked at; lists, ranges, steps and names are left for the check of the built object. */
type Within<Part extends string, Numbers extends string> = Part extends `${bigint}`
  ? Part extends Numbers
    ? true
    : false
  : true;
type NotZero = Exclude<Digit, '0'>;
type Minute = Digit | `${'1' | '2' | '3' | '4' | '5'}${Digit}`;
type Hour = Digit | `1${Digit}` | `2${'0' | '1' | '2' | '3'}`;
type Day = NotZero | `${'1' | '2'}${Digit}` | '30' | '31';
type Month = NotZero | '10' | '11' | '12';
type Weekday = Exclude<Digit, '7' | '8' | '9'>;
export type ScheduleLiteral<Text extends string> =
  IsSchedule<Text> extends true
    ? Text
    : Loose<Text, `'${Text}' is no schedule; write minute, hour, day, month and weekday, such as 0 3 * * *, or @daily`>;

type Punctuation =
  ' ' | '_' | '/' | ':' | '@' | '+' | '#' | '~' | '*' | ',' | ';' | '!' | '?' | '$' | '%' | '&' | '=' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '|' | '^' | '"' | "'" | '`' | '\\' | '\n' | '\t'; // prettier-ignore
interface NoDnsName {
  readonly text: '' | `${string}${Punctuation}${string}` | `-${string}` | `.${string}` | `${string}-` | `${string}.`;
}
/** Letters beyond ASCII are left for the check of the built object. */
export type IsDnsName<Text extends string> = string extends Text
  ? true
  : { readonly text: Text } extends NoDnsName
    ? false
    : Text extends Lowercase<Text>
      ? true
      : Open<Text>;
export type DnsNameLiteral<Text extends string> =
  IsDnsName<Text> extends true
    ? Text
    : `'${Text}' is no DNS name; use lower-case letters, digits, - and ., and begin and end with a letter or digit`;

/** A host name, or one whose first label is `*`. */
export type HostLiteral<Text extends string> = Text extends `*.${infer Rest}`
  ? DnsNameLiteral<Rest> extends Rest
    ? Text
    : DnsNameLiteral<Text>
  : DnsNameLiteral<Text>;
