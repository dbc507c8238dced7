/** One object with everything that was found in it alone. */
import { checkCandidate } from '../compiler/check.ts';
import type { Candidate, CheckedObject } from '../compiler/check.ts';
import { titleOf } from '../compiler/manifest-set.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import type { FieldPath } from '../types/field-issue.ts';
import type { KubeObject } from '../types/meta.ts';
import type { Registry } from '../types/registry.ts';
import type { PlacedRange } from './diagnostics.ts';
import { fixOfChecked } from './checked-fix.ts';
import { rangeOfObject } from './document.ts';
import { withoutEchoes } from './echoes.ts';
import { faultPlace } from './fault-place.ts';
import type { Found, ReadObject } from './document.ts';
import { mostFindings } from './engine.ts';
import type { Engine, RuleResult } from './engine.ts';
import { transformed } from './kustomized.ts';
import type { Transformation } from './kustomized.ts';
import type { FieldFix, LintedObject } from './rule.ts';
import { forTarget } from './target-version.ts';
import { podViewOf } from './selectors.ts';
import { annotationSuppressions } from './suppressions.ts';
import type { AnnotationSuppression } from './suppressions.ts';

export interface EntryFound extends Found {
  readonly fix?: FieldFix;
}

export type Place = (path: FieldPath, part?: 'key' | 'value') => PlacedRange;

export interface Entry {
  readonly subject: LintedObject;
  readonly title: string;
  /** Undefined for objects that a program made. */
  readonly read: ReadObject | undefined;
  /** Relative to the piece of the file that holds it. */
  readonly place: Place;
  /** All layers but what needs the surroundings. */
  readonly own: readonly EntryFound[];
  readonly silenced: readonly AnnotationSuppression[];
  /** Whether its fields have the types of its schema, so that rules may look at it. */
  readonly sound: boolean;
}

export interface EntryContext {
  readonly file: string;
  readonly registry: Registry;
  readonly engine: Engine;
  /** A patch for another object: only what it says itself is looked at. */
  readonly patch: boolean;
  /** What a kustomization says; undefined without. */
  readonly namespace: string | undefined;
  /** What kustomizations do to the objects of the file. */
  readonly transformations: readonly Transformation[];
}

/** Fields that are null are absent to Kubernetes, items that are null are empty. The same value when there are none. */
export function withoutNulls<T>(value: T): T;
export function withoutNulls(value: unknown): unknown {
  if (!hasNulls(value)) return value;
  if (Array.isArray(value)) {
    const empty = value.some((item) => typeof item === 'string') ? '' : {};
    // Of what kind its items are, a list of nothing does not say.
    if (value.every((item) => item === null)) return [];
    return value.map((item: unknown) => (item === null ? empty : withoutNulls(item)));
  }
  const entries = Object.entries(Object(value)).filter(([, child]) => child !== null);
  return Object.fromEntries(entries.map(([key, child]) => [key, withoutNulls(child)]));
}

function hasNulls(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => item === null || hasNulls(item));
  for (const key in value) {
    const child: unknown = Reflect.get(value, key);
    if (child === null || (typeof child === 'object' && hasNulls(child))) return true;
  }
  return false;
}

function hasUsableMetadata({ metadata }: KubeObject): boolean {
  const text = (value: unknown): boolean => value === undefined || typeof value === 'string';
  return text(metadata.name) && text(metadata.namespace) && text(metadata.generateName);
}

export function subjectOf(
  object: KubeObject,
  kind: KindDefinition | undefined,
  file: string,
  namespace: string | undefined,
): LintedObject {
  const own = kind?.scope === 'Cluster' ? undefined : (namespace ?? object.metadata.namespace);
  return { object, kind, file, namespace: own, pod: podViewOf(object, kind) };
}

const quietSubject = (object: KubeObject, kind: KindDefinition | undefined, file: string): LintedObject => ({
  object,
  kind,
  file,
  namespace: undefined,
  pod: undefined,
});

export function foundOfResult({ rule, layer, severity, finding }: RuleResult, place: Place): EntryFound {
  const { path, message, part, fix } = finding;
  return {
    layer,
    rule,
    severity,
    message,
    fieldPath: path,
    range: place(path, part),
    ...(fix ? { fix } : {}),
  };
}

/** Upstream's causes are written `FieldValueRequired`; rules are named as `field-value-required`. */
export function ruleName(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

function checkedFound({ findings: all, object }: CheckedObject, place: Place, patch: boolean): readonly EntryFound[] {
  const findings = all.slice(0, mostFindings);
  const left = all.slice(mostFindings);
  const kept = patch
    ? findings.filter(
        ({ layer, code, fieldPath }) =>
          layer === 'identity' ||
          (layer === 'structure' && !(code === 'unknown-field' && String(fieldPath.at(-1)).startsWith('$'))),
      )
    : left.length > 0
      ? findings
      : withoutEchoes(findings, object);
  const found = kept.map((finding): EntryFound => {
    const { layer, code, severity, message, fieldPath } = finding;
    const fix = fixOfChecked(finding, object);
    const at = layer === 'api' ? faultPlace(object, fieldPath, message) : fieldPath;
    return {
      layer,
      rule: ruleName(code),
      severity,
      message,
      fieldPath,
      range: place(at, code === 'unknown-field' ? 'key' : 'value'),
      ...(fix ? { fix } : {}),
    };
  });
  return left.length === 0 ? found : [...found, notShown(left, place)];
}

function notShown(left: CheckedObject['findings'], place: Place): EntryFound {
  const severity = left.some((one) => one.severity === 'error') ? 'error' : 'warning';
  const message = `${left.length} more things are wrong with this object and are not shown`;
  return { layer: 'structure', rule: 'too-many-findings', severity, message, fieldPath: [], range: place([]) };
}

/** `tell` is whether what the check found is to be told too; for programs the compiler does that. */
export function makeEntry(
  checked: CheckedObject,
  context: EntryContext,
  place: Place,
  read: ReadObject | undefined,
  tell = true,
): Entry {
  const { file, engine, patch, namespace } = context;
  const { kind } = checked;
  const object = withoutNulls(checked.typed ?? checked.object);
  const sound = checked.typed !== undefined && hasUsableMetadata(object);
  const subject = sound ? subjectOf(object, kind, file, namespace) : quietSubject(object, kind, file);
  const refused = checked.findings.some(({ severity }) => severity === 'error');
  // That a rule is not made for an object that nobody takes is no news.
  const results = sound && !patch ? engine.own(subject).filter(({ rule }) => !refused || rule !== 'rule-failed') : [];
  const own = [
    ...(tell ? checkedFound(checked, place, patch) : []),
    ...results.map((result) => foundOfResult(result, place)),
  ];
  const silenced = sound ? annotationSuppressions(subject) : [];
  return {
    subject,
    title: hasUsableMetadata(object) ? titleOf(object) : object.kind,
    read,
    place,
    own,
    silenced,
    sound,
  };
}

/** A file is told of whatever it holds, also where a check is not made for it. */
function checkedOrFailed(candidate: Candidate, registry: Registry): CheckedObject {
  try {
    return checkCandidate(candidate, registry);
  } catch (error) {
    const { apiVersion, kind } = candidate;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the object could not be checked: ${reason}`;
    const finding = {
      severity: 'error',
      layer: 'structure',
      code: 'check-failed',
      message,
      path: '',
      fieldPath: [],
    } as const;
    return { object: { apiVersion, kind, metadata: {} }, kind: undefined, findings: [finding], typed: undefined };
  }
}

export function entryOfRead(read: ReadObject, context: EntryContext): Entry {
  const { registry, engine, transformations, patch } = context;
  const candidate = patch ? read.candidate : transformed(read.candidate, transformations);
  const checked = forTarget(checkedOrFailed(candidate, registry), engine.settings.minor);
  return makeEntry(checked, context, (path, part) => rangeOfObject(read, path, part), read);
}
