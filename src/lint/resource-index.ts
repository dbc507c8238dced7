/** Who is deployed together with whom: look-ups by identity, label and namespace. */
import { nearest } from '../compiler/nearest.ts';
import { StatefulSet } from '../types/kinds/apps/stateful-set.ts';
import { NetworkPolicy } from '../types/kinds/networking/network-policy.ts';
import { PodDisruptionBudget } from '../types/kinds/policy/pod-disruption-budget.ts';
import { Service } from '../types/kinds/core/service.ts';
import type { LabelSelector } from '../types/kinds/generated/meta-v1.gen.ts';
import { matchesLabelSelector } from '../types/label-selector.ts';
import type { Labels, LintedObject, Located, Surroundings, Target } from './rule.ts';
import { asKind, groupOf } from './selectors.ts';

/** Objects that live outside, as the configuration says. `*` in a name stands for any characters. */
export interface ExternalReference {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** Which files are deployed together. Without kustomizations, all of them. */
export interface Togetherness {
  /** A name for the set of files that are deployed with this one; files of one set see each other. */
  together(file: string, other: string): boolean;
  /** Whether objects of two files come into one namespace, whatever they say themselves. */
  sharesNamespace(file: string, other: string): boolean;
  /** Whether more is deployed with the file than can be seen. */
  isOpen(file: string): boolean;
  /** Whether every file sees every other, so that nothing need be asked. */
  readonly trivial: boolean;
}

export const allTogether: Togetherness = {
  together: () => true,
  sharesNamespace: () => false,
  isOpen: () => false,
  trivial: true,
};

const noNamespace = '';

/** An object without a namespace goes to whichever is current, for most people `default`. */
function namespaceKey(namespace: string | undefined): string {
  return namespace === 'default' ? noNamespace : (namespace ?? noNamespace);
}

function identityKind(subject: LintedObject): string {
  return `${groupOf(subject.object.apiVersion)}/${subject.object.kind}`;
}

export function selectorOf(subject: LintedObject): LabelSelector | undefined {
  const service = asKind(Service, subject);
  // A Service without selector selects nothing, not everything.
  if (service)
    return Object.keys(service.spec?.selector ?? {}).length > 0 ? { matchLabels: service.spec?.selector } : undefined;
  return asKind(PodDisruptionBudget, subject)?.spec?.selector ?? asKind(NetworkPolicy, subject)?.spec?.podSelector;
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** What every cluster has, or the controllers of one make. */
function isAlwaysThere({ group, kind, name }: Target): boolean {
  const key = `${group}/${kind}`;
  if (key === '/ServiceAccount') return name === 'default';
  if (key === '/ConfigMap') return name === 'kube-root-ca.crt';
  if (key === '/Service') return name === 'kubernetes';
  if (key === 'rbac.authorization.k8s.io/Role')
    return /^(?:system:|extension-apiserver-authentication-reader$)/.test(name);
  return (
    key === 'rbac.authorization.k8s.io/ClusterRole' && /^(?:system:|(?:cluster-admin|admin|edit|view)$)/.test(name)
  );
}

/** Labels that controllers put on pods, so that no template has them. */
const controllersLabels: ReadonlySet<string> = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-completion-index',
  'job-name',
  'controller-uid',
]);

function withoutControllersLabels(selector: LabelSelector): LabelSelector {
  const labels = Object.entries(selector.matchLabels ?? {});
  const expressions = selector.matchExpressions ?? [];
  const isOwn = (key: string): boolean => !controllersLabels.has(key);
  if (labels.every(([key]) => isOwn(key)) && expressions.every(({ key }) => isOwn(key))) return selector;
  return {
    matchLabels: Object.fromEntries(labels.filter(([key]) => isOwn(key))),
    matchExpressions: expressions.filter(({ key }) => isOwn(key)),
  };
}

function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}

export class ResourceIndex {
  readonly #objects: readonly LintedObject[];
  readonly #byKind = new Map<string, LintedObject[]>();
  readonly #byName = new Map<string, LintedObject[]>();
  /** Pods by a label and its value, `namespace|key=value`. */
  readonly #byLabel = new Map<string, LintedObject[]>();
  /** By namespace. */
  readonly #pods = new Map<string, LintedObject[]>();
  readonly #selecting = new Map<LintedObject, LintedObject[]>();
  #selectorsRead = false;
  readonly #selected = new Map<string, readonly LintedObject[]>();
  readonly #nearest = new Map<string, { readonly name: string | undefined }>();
  readonly #external: readonly (ExternalReference & { readonly pattern: RegExp })[];

  constructor(
    objects: Iterable<LintedObject>,
    readonly files: number,
    readonly togetherness: Togetherness = allTogether,
    external: readonly ExternalReference[] = [],
  ) {
    this.#objects = [...objects];
    this.#external = external.map((one) => ({ ...one, pattern: wildcard(one.name) }));
    for (const subject of this.#objects) this.#add(subject);
  }

  #add(subject: LintedObject): void {
    const kind = identityKind(subject);
    const { name } = subject.object.metadata;
    push(this.#byKind, kind, subject);
    if (name !== undefined) push(this.#byName, `${kind}/${name}`, subject);
    if (!subject.pod) return;
    const namespace = namespaceKey(subject.namespace);
    push(this.#pods, namespace, subject);
    for (const [key, value] of Object.entries(subject.pod.metadata?.labels ?? {})) {
      push(this.#byLabel, `${namespace}|${key}=${value}`, subject);
    }
  }

  objects(): readonly LintedObject[] {
    return this.#objects;
  }

  ofKind(group: string, kind: string): readonly LintedObject[] {
    return this.#byKind.get(`${group}/${kind}`) ?? [];
  }

  named(group: string, kind: string, name: string): readonly LintedObject[] {
    return this.#byName.get(`${group}/${kind}/${name}`) ?? [];
  }

  sees(file: string, other: string): boolean {
    return this.togetherness.trivial || file === other || this.togetherness.together(file, other);
  }

  pods(asked: LabelSelector | undefined, namespace: string | undefined, file: string): readonly LintedObject[] {
    if (!asked) return [];
    const selector = withoutControllersLabels(asked);
    const own = namespaceKey(namespace);
    if (!this.togetherness.trivial) return this.#podsSeen(selector, own, file);
    // Where all files see each other, one selector has one answer.
    const question = `${own}|${JSON.stringify(selector)}`;
    let answer = this.#selected.get(question);
    if (!answer) {
      answer = this.#podsSeen(selector, own, file);
      this.#selected.set(question, answer);
    }
    return answer;
  }

  #podsSeen(selector: LabelSelector, own: string, file: string): readonly LintedObject[] {
    const [first] = Object.entries(selector.matchLabels ?? {});
    // A kustomization may put both into one namespace, whatever they say themselves.
    const namespaces = this.togetherness.trivial ? [own] : [...this.#pods.keys()];
    return namespaces.flatMap((key) => {
      const candidates = first ? this.#byLabel.get(`${key}|${first[0]}=${first[1]}`) : this.#pods.get(key);
      return (candidates ?? []).filter(
        (subject) =>
          this.sees(file, subject.file) &&
          this.#isIn(subject, own, file) &&
          matchesLabelSelector(selector, labelsOf(subject)),
      );
    });
  }

  /** Whether the object is in a namespace, as seen from a file. */
  #isIn(one: LintedObject, namespace: string | undefined, file: string): boolean {
    return (
      namespace === undefined ||
      namespaceKey(one.namespace) === namespace ||
      this.togetherness.sharesNamespace(file, one.file)
    );
  }

  /** Services, disruption budgets and policies whose selector fits the pods of an object. */
  selectorsOf(subject: LintedObject): readonly LintedObject[] {
    if (!this.#selectorsRead) {
      this.#selectorsRead = true;
      for (const selecting of this.#objects) {
        const selector = selectorOf(selecting);
        if (!selector) continue;
        for (const pod of this.pods(selector, selecting.namespace, selecting.file))
          push(this.#selecting, pod, selecting);
      }
    }
    return this.#selecting.get(subject) ?? [];
  }

  locate(target: Target, subject: LintedObject): Located {
    const { group, kind, name } = target;
    const named = this.named(group, kind, name).filter(({ file }) => this.sees(subject.file, file));
    const namespace = target.namespaced ? namespaceKey(target.namespace ?? subject.namespace) : undefined;
    if (isAlwaysThere(target)) return { answer: 'elsewhere' };
    const here = named.filter((one) => this.#isIn(one, namespace, subject.file));
    if (here.length > 0) return { answer: 'here', objects: here };
    const external = this.#external.some(
      (one) =>
        one.kind === kind &&
        one.pattern.test(name) &&
        (one.namespace === undefined || namespace === undefined || namespaceKey(one.namespace) === namespace),
    );
    if (external) return { answer: 'elsewhere' };
    if (kind === 'PersistentVolumeClaim' && this.#isMadeByStatefulSet(name, namespace, subject.file)) {
      return { answer: 'elsewhere' };
    }
    if (named.length > 0) {
      const namespaces = [...new Set(named.map((one) => one.namespace ?? '(none)'))];
      return { answer: 'other-namespace', namespaces };
    }
    const others = this.ofKind(group, kind).filter(
      (one) => this.sees(subject.file, one.file) && this.#isIn(one, namespace, subject.file),
    );
    const similar = this.#similar(
      name,
      `${group}/${kind}/${namespace ?? '*'}/${this.togetherness.trivial ? '' : subject.file}`,
      others,
    );
    if (similar === undefined && this.togetherness.isOpen(subject.file)) return { answer: 'elsewhere' };
    return { answer: 'absent', similar, kindSeen: others.length > 0 };
  }

  /** Of many objects that name the same thing each would look through all names there are. */
  #similar(name: string, where: string, others: readonly LintedObject[]): string | undefined {
    const question = `${where}/${name}`;
    let answer = this.#nearest.get(question);
    if (!answer) {
      answer = {
        name: nearest(
          name,
          others.flatMap((one) => one.object.metadata.name ?? []),
        ),
      };
      this.#nearest.set(question, answer);
    }
    return answer.name;
  }

  /** `data-db-0` for the template `data` of the StatefulSet `db`. */
  #isMadeByStatefulSet(claim: string, namespace: string | undefined, file: string): boolean {
    return this.ofKind('apps', 'StatefulSet').some((one) => {
      const { name = '' } = one.object.metadata;
      if (!this.sees(file, one.file) || !this.#isIn(one, namespace, file)) return false;
      const templates = asKind(StatefulSet, one)?.spec?.volumeClaimTemplates ?? [];
      return templates.some(({ metadata }) => {
        const start = `${metadata?.name ?? ''}-${name}-`;
        return claim.startsWith(start) && /^\d+$/.test(claim.slice(start.length));
      });
    });
  }

  around(subject: LintedObject): Surroundings {
    const own = namespaceKey(subject.namespace);
    const seen = (one: LintedObject): boolean => this.sees(subject.file, one.file);
    const visible = (all: readonly LintedObject[]): readonly LintedObject[] =>
      this.togetherness.trivial ? all : all.filter(seen);
    return {
      files: this.files,
      neighbours: (group, kind) =>
        this.ofKind(group, kind).filter(
          (one) => seen(one) && (one.kind?.scope === 'Cluster' || this.#isIn(one, own, subject.file)),
        ),
      everywhere: (group, kind) => visible(this.ofKind(group, kind)),
      named: (group, kind, name) => visible(this.named(group, kind, name)),
      locate: (target) => this.locate(target, subject),
      podsSelectedBy: (selector) => this.pods(selector, subject.namespace, subject.file),
      selecting: (group, kind) =>
        this.selectorsOf(subject).filter(({ object }) => object.kind === kind && groupOf(object.apiVersion) === group),
    };
  }
}

export function labelsOf({ pod }: LintedObject): Labels {
  return pod?.metadata?.labels ?? {};
}
