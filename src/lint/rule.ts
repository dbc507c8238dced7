/** What a rule is, what it sees and what it answers. */
import type { Severity } from '../compiler/check.ts';
import type { JsonValue } from '../shared/deep.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import type { FieldPath, PathSegment } from '../types/field-issue.ts';
import type { Container, PodSpec } from '../types/kinds/generated/core-v1.gen.ts';
import type { TextEdit } from './diagnostics.ts';
import type { LabelSelector, ObjectMeta } from '../types/kinds/generated/meta-v1.gen.ts';
import type { KubeObject } from '../types/meta.ts';

export type { Severity };

export const categories = [
  'security',
  'rbac',
  'reliability',
  'correctness',
  'reference',
  'network',
  'resources',
  'images',
  'deprecation',
  'style',
  'custom',
] as const;
export type Category = (typeof categories)[number];
export type RuleId = `${Category}/${string}`;

export type Labels = Readonly<Record<string, string>>;

export type ContainerList = 'containers' | 'initContainers';

export interface ContainerView {
  readonly container: Container;
  readonly list: ContainerList;
  readonly pod: PodView;
  /** Whether it runs beside the others as long as the pod does: no init container, unless it is a sidecar. */
  readonly lasting: boolean;
  at(...path: PathSegment[]): FieldPath;
}

/** The pods that an object makes, or is. */
export interface PodView {
  readonly spec: PodSpec;
  readonly metadata: ObjectMeta | undefined;
  /** Where the spec stands in the object. */
  readonly path: FieldPath;
  readonly metadataPath: FieldPath;
  /** Init containers first. */
  readonly containers: readonly ContainerView[];
}

/** An object as its author wrote it: without defaults; fields that were null are absent, as they are to Kubernetes. */
export interface LintedObject<T extends KubeObject = KubeObject> {
  readonly object: T;
  /** Undefined for what is no known kind. */
  readonly kind: KindDefinition | undefined;
  readonly file: string;
  /** As written, or as the kustomization that holds the file says; undefined for cluster-scoped kinds. */
  readonly namespace: string | undefined;
  readonly pod: PodView | undefined;
  /** More is in it than is written: a generator's ConfigMap whose keys come from a file that is not read. */
  readonly open?: boolean;
}

export type FieldChange =
  | { readonly path: FieldPath; readonly set: JsonValue }
  | { readonly path: FieldPath; readonly remove: true }
  /** Another name for the field; its value stays. */
  | { readonly path: FieldPath; readonly rename: string }
  /** The same text with or without quotes, so that it is read as a text, a number or a boolean. */
  | { readonly path: FieldPath; readonly quote: boolean };

/** What makes a finding go away for certain, without a decision that only the author can take. */
export interface FieldFix {
  readonly title: string;
  readonly changes: readonly FieldChange[];
  /** True where it may change what the program can do: an editor offers it, nothing applies it unasked. */
  readonly suggestion?: boolean;
}

export interface RuleFinding {
  readonly path: FieldPath;
  readonly message: string;
  /** What to underline where the path exists; without, the value if it is a scalar, else the key. */
  readonly part?: 'key' | 'value';
  readonly fix?: FieldFix;
  /** Less than the rule's own, where this case is milder. */
  readonly atMost?: Severity;
}

/** Offsets are indexes into the text of the document. */
export interface TextFinding {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly fix?: { readonly title: string; readonly edits: readonly TextEdit[]; readonly suggestion?: boolean };
}

/** `wrong`: it is known that this cannot work; `elsewhere`: the configuration says that it exists outside. */
export type Located =
  | { readonly answer: 'here'; readonly objects: readonly LintedObject[] }
  | { readonly answer: 'other-namespace'; readonly namespaces: readonly string[] }
  | { readonly answer: 'elsewhere' }
  /** `kindSeen`: whether others of the kind are among the files; if not, all of them live elsewhere. */
  | { readonly answer: 'absent'; readonly similar: string | undefined; readonly kindSeen: boolean };

export interface Target {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** Undefined for a reference to a cluster-scoped object. */
  readonly namespaced: boolean;
  /** Where it must be, when that is not the namespace of the object that points at it. */
  readonly namespace?: string;
}

/** Everything that a rule may know besides the object: the other objects that are deployed together with it. */
export interface Surroundings {
  /** Objects of a kind, whatever its version, in the namespace of the subject (cluster-scoped ones: all). */
  neighbours(group: string, kind: string): readonly LintedObject[];
  /** The same in all namespaces. */
  everywhere(group: string, kind: string): readonly LintedObject[];
  /** Objects of a kind with a name, in all namespaces, in the order of the files. */
  named(group: string, kind: string, name: string): readonly LintedObject[];
  locate(target: Target): Located;
  /** Objects with pods in the namespace of the subject whose pods' labels fit. */
  podsSelectedBy(selector: LabelSelector | undefined): readonly LintedObject[];
  /** Objects of a kind whose selector fits the pods of the subject. */
  selecting(group: string, kind: string): readonly LintedObject[];
  /** How many files were looked at, for messages. */
  readonly files: number;
}

export type RuleOptions = Readonly<Record<string, JsonValue>>;

export interface LintRule {
  readonly id: RuleId;
  /** What it is worth. `recommended` shows it as a warning at most, unless it is `certain`. */
  readonly severity: Severity;
  /** Whether the preset `recommended` has it. */
  readonly recommended: boolean;
  /** Whether what it finds can certainly not work: then it is an error under `recommended` too. */
  readonly certain?: boolean;
  /** The Pod Security Standard that demands it. */
  readonly podSecurity?: 'baseline' | 'restricted';
  /** The same rule's names in kube-linter and kube-score, `kube-linter:privileged-container`. */
  readonly aliases?: readonly string[];
  /** Whether it asks for its surroundings: then it is run again when they change. */
  readonly looksAround?: boolean;
  /** What the configuration may set, with what holds without. */
  readonly options?: RuleOptions;
  readonly summary: string;
  readonly why: string;
  /** YAML that the rule complains of and YAML that it is content with: its tests and its page. */
  readonly bad: string;
  readonly good: string;
  /** A matter of taste: no preset has it, only who names it gets it. */
  readonly matterOfTaste?: boolean;
  /** Kinds that `check` looks at; without, all. */
  appliesTo?(kind: KindDefinition | undefined): boolean;
  /** `minor` is that of the Kubernetes version that is aimed at: 36 for 1.36. */
  check?(subject: LintedObject, around: Surroundings, options: RuleOptions, minor: number): Iterable<RuleFinding>;
  /** Looks at one document of a file as it is written; called for YAML and JSON, not for what programs make. */
  checkText?(text: string, options: RuleOptions): Iterable<TextFinding>;
}

/** What an object says, before anything was run over it: a layer of the reading, or a rule. */
export type Layer = 'syntax' | 'identity' | 'structure' | 'api' | 'lint' | 'reference';

export function layerOf(id: RuleId): Layer {
  return id.startsWith('reference/') ? 'reference' : 'lint';
}
