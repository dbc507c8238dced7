/**
 * What is read off the literal of an object that has pods. A literal without a problem is taken as the plain input type,
 * which is the same for every call and so costs the compiler next to nothing; only one with a problem, or one that is put
 * together from variables, is compared with the careful type, which is made anew for every set of names. A check may
 * therefore suspect too much, never too little: the careful type has the last word and the message.
 *
 * An alternative is a name; `never` says that nothing is wrong. Absent fields read as `unknown`.
 */
import type { Parts } from '../kinds/generated/parts.gen.ts';
import type { IsDnsName, PercentForm, QuantityForm, ScheduleLiteral } from './literal-types.ts';

/** More than one key, or none. */
type NotOne<Keys> = [Keys] extends [never] ? 'none' : Several<Keys, Keys>;
type Several<Key, Keys> = Key extends unknown ? ([Keys] extends [Key] ? never : 'several') : never;

type Outside<Used, Declared> = unknown extends Used ? never : [Used] extends [Declared] ? never : 'undeclared';
type Values<Fields> = Fields[keyof Fields];
type Known<Value> = unknown extends Value ? never : Value;

export type WrongName<Name> = Name extends string ? (IsDnsName<Name> extends true ? never : 'name') : never;
type WrongQuantity<Text> = unknown extends Text
  ? never
  : { readonly text: Text } extends QuantityForm
    ? never
    : string extends Text
      ? never
      : 'quantity';
type WrongPercent<Text> = unknown extends Text
  ? never
  : { readonly text: Text } extends PercentForm
    ? never
    : string extends Text
      ? never
      : 'percentage';
export type WrongSchedule<Text> = Text extends string
  ? [Text] extends [ScheduleLiteral<Text>]
    ? never
    : 'schedule'
  : never;
export type WrongStrategy<Spec extends Parts, Field extends string> = Field extends keyof Spec
  ? | WrongPercent<Spec[Field]['rollingUpdate']['maxSurge']>
    | WrongPercent<Spec[Field]['rollingUpdate']['maxUnavailable']>
  : never;

type WrongVolumes<Volume extends Parts> = Volume extends object
  ? | NotOne<Exclude<keyof Volume, 'name'>>
    | ('emptyDir' extends keyof Volume ? WrongQuantity<Volume['emptyDir']['sizeLimit']> : never)
    | ('ephemeral' extends keyof Volume ? 'claim' : never)
  : never;
export type WrongClaims<Claim extends Parts> = unknown extends Claim
  ? never
  : WrongQuantity<Values<Claim['spec']['resources']['requests']>> | WrongLimits<Claim['spec']['resources']>;
type WrongLimits<Resources extends Parts> = 'limits' extends keyof Resources ? 'limits' : never;

type WrongVariable<Keys, Sources> = 'valueFrom' extends Keys
  ? 'value' extends Keys
    ? 'several'
    : NotOne<Sources>
  : never;
type WrongVariables<Variable extends Parts> = Variable extends object
  ? WrongVariable<keyof Variable, keyof Variable['valueFrom']>
  : never;

type Handlers = 'exec' | 'grpc' | 'httpGet' | 'tcpSocket';
type WrongProbe<Probe extends Parts, Port> = unknown extends Probe
  ? never
  : NotOne<Extract<keyof Probe, Handlers>> | WrongHandler<Probe, Port>;
type WrongHandler<Handler extends Parts, Port> =
  Outside<Handler['httpGet']['port'], Port | number> | Outside<Handler['tcpSocket']['port'], Port | number>;
type WrongLifecycle<Lifecycle extends Parts, Port> = unknown extends Lifecycle
  ? never
  : WrongHandler<Lifecycle['preStop'], Port> | WrongHandler<Lifecycle['postStart'], Port>;

type WrongContainers<Container extends Parts, Volume, Port> = Container extends object
  ? | Outside<Container['volumeMounts'][number]['name'], Volume>
    | WrongQuantity<Values<Container['resources']['limits']>>
    | WrongQuantity<Values<Container['resources']['requests']>>
    | WrongVariables<Container['env'][number]>
    | WrongProbe<Container['readinessProbe'], Port>
    | ([Extract<keyof Container, Seldom>] extends [never] ? never : WrongSeldom<Container, Volume, Port>)
  : never;
/** Asked for together: what most containers do not have costs them one question. */
type Seldom = 'volumeDevices' | 'livenessProbe' | 'startupProbe' | 'lifecycle';
type WrongSeldom<Container extends Parts, Volume, Port> =
  | Outside<Container['volumeDevices'][number]['name'], Volume>
  | WrongProbe<Container['livenessProbe'], Port>
  | WrongProbe<Container['startupProbe'], Port>
  | WrongLifecycle<Container['lifecycle'], Port>;

/** Of these the careful type alone knows. */
type Rare = 'ephemeralContainers' | 'hostAliases' | 'dnsConfig' | 'resources' | 'overhead' | 'resourceClaims';
type PortsIn<Container extends Parts> = Container extends object ? Known<Container['ports'][number]['name']> : never;

/** What seems wrong with a pod. `Claim` are the names of volumes that are declared beside it. */
export type WrongPod<Pod extends Parts, Claim = never> =
  | WrongVolumes<Pod['volumes'][number]>
  | WrongContainers<
      Pod['containers'][number],
      Known<Pod['volumes'][number]['name']> | Claim,
      PortsIn<Pod['containers'][number]>
    >
  | ('initContainers' extends keyof Pod
      ? WrongContainers<
          Pod['initContainers'][number],
          Known<Pod['volumes'][number]['name']> | Claim,
          PortsIn<Pod['containers'][number]> | PortsIn<Pod['initContainers'][number]>
        >
      : never)
  | ([Extract<keyof Pod, Rare>] extends [never] ? never : 'rare');

/* What the careful type is made of. */

type Items<List> = List extends readonly (infer Item)[] ? Item : never;
type Names<Item> = Item extends { readonly name?: infer Name } ? Extract<Name, string> : never;
type Container<Pod extends Parts> = Items<Pod['containers']> | Items<Pod['initContainers']>;
type AnyContainer<Pod extends Parts> = Container<Pod> | Items<Pod['ephemeralContainers']>;
type PortLists<Container> = Container extends { readonly ports?: infer Ports } ? Items<Ports> : never;
type ResourcesOf<Container> = Container extends { readonly resources?: infer Resources } ? Resources : never;

/** By index where that gives a name for each port, for it is cheaper than to infer. */
type PortsHere<Container extends Parts> = Container extends object
  ? PortsOr<Container['ports'][number]['name'], Container>
  : never;
type PortsOr<Name, Container> = unknown extends Name ? Names<PortLists<Container>> : Extract<Name, string>;
/** The names of a pod's ports; any, where nothing is known of its containers. */
export type PortNames<Pod extends Parts> = unknown extends Pod['containers']
  ? string
  : | PortsHere<Pod['containers'][number]>
    | ('initContainers' extends keyof Pod ? Names<PortLists<Items<Pod['initContainers']>>> : never);
/** The names of a pod's volumes. */
export type VolumeNames<Pod extends Parts> = Names<Items<Pod['volumes']>>;

/** Names that are only known as text are checked when the program runs: then any name will do. */
type Open<Name> = unknown extends Name ? never : string extends Name ? string : never;
type MountedNames<Container> = Container extends {
  readonly volumeMounts?: infer Mounts;
  readonly volumeDevices?: infer Devices;
}
  ? Names<Items<Mounts> | Items<Devices>>
  : never;
type ProbePort<Probe extends Parts> = Known<Probe['httpGet']['port']> | Known<Probe['tcpSocket']['port']>;
type ProbedPorts<Container extends Parts> = Container extends object
  ? | ProbePort<Container['livenessProbe']>
    | ProbePort<Container['readinessProbe']>
    | ProbePort<Container['startupProbe']>
  : never;
export type OpenVolumes<Pod extends Parts> = Open<MountedNames<AnyContainer<Pod>>>;
export type OpenPorts<Pod extends Parts> = Open<ProbedPorts<Pod['containers'][number]>>;
/** The names of claim templates. */
export type ClaimNames<Claims> =
  Items<Claims> extends infer Claim
    ? Claim extends { readonly metadata: infer Metadata }
      ? Names<Metadata>
      : never
    : never;

/** All texts in a value. */
export type Texts<Value> = Value extends string
  ? Value
  : Value extends readonly (infer Item)[]
    ? Texts<Item>
    : Value extends object
      ? { [Key in keyof Value]: Texts<Value[Key]> }[keyof Value]
      : never;
export type ResourceTexts<Pod extends Parts> = Texts<
  ResourcesOf<AnyContainer<Pod>> | Pod['resources'] | Pod['overhead']
>;
export type SizeTexts<Pod extends Parts> = SizesOf<Items<Pod['volumes']>>;
type SizesOf<Volume> = Volume extends { readonly emptyDir: infer Source }
  ? Texts<Source>
  : Volume extends { readonly ephemeral: { readonly volumeClaimTemplate?: { readonly spec: infer Claim } } }
    ? ClaimSizes<Claim>
    : never;
type ClaimSizes<Claim> = Claim extends { readonly resources?: infer Resources } ? Texts<Resources> : never;
export type ClaimTexts<Claims> =
  Items<Claims> extends infer Claim
    ? Claim extends { readonly spec?: { readonly resources?: infer Resources } }
      ? Texts<Resources>
      : never
    : never;
export type AddressTexts<Pod extends Parts> =
  Texts<AddressOf<Items<Pod['hostAliases']>>> | Texts<NameserversOf<Pod['dnsConfig']>>;
type AddressOf<Alias> = Alias extends { readonly ip?: infer Address } ? Address : never;
type NameserversOf<Config> = Config extends { readonly nameservers?: infer Servers } ? Servers : never;
