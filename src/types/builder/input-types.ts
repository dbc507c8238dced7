/** The words that the generated input types of the builders are made of. */

import type { ObjectMeta } from '../kinds/generated/meta-v1.gen.ts';
import type { DnsNameLiteral } from './literal-types.ts';
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

/** Whether the unions that every pod has are part of a type, or have been checked beside it. */
export type UnionMode = 'checked' | 'unchecked';
export type InMode<Mode extends UnionMode, Union> = Mode extends 'checked' ? Union : unknown;

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

type CommonMeta = Omit<ObjectMeta, 'name' | 'namespace' | 'creationTimestamp'>;
interface Created {
  /** Set by the server. What `kubectl create --dry-run` writes has a null here. */
  readonly creationTimestamp?: string | null | undefined;
}

/** Of pods that come to an end: what is done about those that fail has to be said. */
export interface FinishingTemplate {
  readonly spec?: { readonly restartPolicy: 'Never' | 'OnFailure' } | undefined;
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
