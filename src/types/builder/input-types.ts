/** The words that the generated input types of the builders are made of. */

import type { ObjectMeta } from '../kinds/generated/meta-v1.gen.ts';
import type { workloadKinds } from './reference-fields.ts';

export type WorkloadKind = (typeof workloadKinds)[number];

declare const exactlyOne: unique symbol;
/** Never given by anybody: its name and its rule are what the compiler says about an object that has none or two. */
export interface ExactlyOne<Rule extends string> {
  readonly [exactlyOne]: Rule;
}

/**
 * Exactly one of the fields. Says only which are there: what they are is said once, beside it, for alternatives that
 * repeat it cost the compiler a second per hundred objects. The last alternative cannot be met; it is the one that an
 * object is compared with that fits none, so that the message states the rule.
 */
export type OneOf<Field extends string, Rule extends string> =
  | {
      readonly [K in Field]: { readonly [P in K]: unknown } & { readonly [S in Exclude<Field, K>]?: undefined };
    }[Field]
  | ExactlyOne<Rule>;

/** One of the fields, or none of them. */
export type AtMostOne<Field extends string, Rule extends string> =
  { readonly [K in Field]: { readonly [S in Exclude<Field, K>]?: undefined } }[Field] | ExactlyOne<Rule>;

/** A built object of one of the kinds, in place of its name. */
export interface Reference<Kind extends string> {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name?: string | undefined };
}

declare const declaredPorts: unique symbol;
/** Whose pods have ports of these names. */
export interface SelectsPorts<Port extends string> {
  readonly [declaredPorts]?: Port;
}
declare const servedPorts: unique symbol;
/** Which has ports of these names itself. */
export interface ServesPorts<Port extends string> {
  readonly [servedPorts]?: Port;
}

declare const served: unique symbol;
/** The name of a port that its Service has been asked for. */
export type ServedPortName = string & { readonly [served]: true };

/** One of the declared names. */
export type Declared<Name extends string, What extends string> = [Name] extends [never]
  ? `no ${What} is declared`
  : NoInfer<Name>;

/*
 * Texts of a fixed form. A literal that breaks the form turns into the message about it, which it does not match; what is
 * only known as text passes, and is checked when the program runs.
 */
/** Of a text that is only known as text, or in parts, nothing is a property. */
type Open<Text extends string> = Record<never, never> extends Record<Text, 1> ? true : false;
type Loose<Text extends string, Message extends string> = Open<Text> extends true ? Text : Message;

type QuantitySuffix =
  '' | 'n' | 'u' | 'm' | 'k' | 'M' | 'G' | 'T' | 'P' | 'E' | 'Ki' | 'Mi' | 'Gi' | 'Ti' | 'Pi' | 'Ei';
export type QuantityLiteral<Text extends string> = Text extends `${number}${QuantitySuffix}`
  ? Text
  : Loose<Text, `'${Text}' is no quantity; write one such as 100m, 0.5, 64Mi or 1Gi`>;

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
export type AddressLiteral<Text extends string> =
  IsAddress<Text> extends true
    ? Text
    : Loose<Text, `'${Text}' is no IP address; write one such as 10.0.0.1 or fd00::1`>;

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
        : true
    : false;
export type ScheduleLiteral<Text extends string> =
  IsSchedule<Text> extends true
    ? Text
    : Loose<Text, `'${Text}' is no schedule; write minute, hour, day, month and weekday, such as 0 3 * * *, or @daily`>;

type LowerCase =
  'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j' | 'k' | 'l' | 'm' | 'n' | 'o' | 'p' | 'q' | 'r' | 's' | 't' | 'u' | 'v' | 'w' | 'x' | 'y' | 'z'; // prettier-ignore
type OnlyOf<Text extends string, Characters extends string> = Text extends `${infer First}${infer Rest}`
  ? First extends Characters
    ? OnlyOf<Rest, Characters>
    : false
  : true;
type IsDnsName<Text extends string> = Text extends '' | `-${string}` | `.${string}` | `${string}-` | `${string}.`
  ? false
  : OnlyOf<Text, LowerCase | Digit | '-' | '.'>;
export type DnsNameLiteral<Text extends string> =
  Open<Text> extends true
    ? Text
    : IsDnsName<Text> extends true
      ? Text
      : `'${Text}' is no DNS name; use lower-case letters, digits, - and ., and begin and end with a letter or digit`;

/** A host name, or one whose first label is `*`. */
export type HostLiteral<Text extends string> = Text extends `*.${infer Rest}`
  ? DnsNameLiteral<Rest> extends Rest
    ? Text
    : DnsNameLiteral<Text>
  : DnsNameLiteral<Text>;

type CommonMeta = Omit<ObjectMeta, 'name' | 'namespace' | 'creationTimestamp'>;
interface Created {
  /** Set by the server. What `kubectl create --dry-run` writes has a null here. */
  readonly creationTimestamp?: string | null | undefined;
}

/** Metadata of the objects that a template makes. */
export interface TemplateMetaInput extends Omit<ObjectMeta, 'creationTimestamp'>, Created {}
/** Metadata of a namespaced object. */
export interface ObjectMetaInput<Name extends string = string> extends CommonMeta, Created {
  /** Unique within the namespace. */
  readonly name?: DnsNameLiteral<Name> | undefined;
  /** The namespace's name, or the built Namespace. */
  readonly namespace?: string | Reference<'Namespace'> | undefined;
}
/** Metadata of an object that is in no namespace. */
export interface ClusterObjectMetaInput<Name extends string = string> extends CommonMeta, Created {
  /** Unique in the cluster. */
  readonly name?: DnsNameLiteral<Name> | undefined;
}
