/** ResourceQuotas: what the objects of a namespace may use in all. */
import type { KindDefinition } from '../../../../types/define-kind.ts';
import { ResourceQuota } from '../../../../types/kinds/core/resource-quota.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import type { Usage } from '../../../../types/quota/measure.ts';
import {
  exceeded,
  increase,
  isInScopes,
  limitedResources,
  onlyOf,
  sumOf,
  usageOf,
  usageText,
} from '../../../../types/quota/usage.ts';
import { forbidden } from '../../status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

/** What was let in, and may not be in the store yet. */
interface Pending {
  readonly typeName: string;
  readonly namespace: string;
  readonly object: KubeObject;
  readonly uid: string;
  /** What an update adds to what is stored; undefined for a new object. */
  readonly increase: Usage | undefined;
  /** When the write was over; undefined while it is under way. */
  doneAt: number | undefined;
}

/**
 * Asks the store for what is used, and keeps in mind what was let in and is not stored yet. So a quota holds to the object,
 * however many requests come at once, and whether or not its status is up to date.
 */
export function resourceQuota(): AdmissionPlugin {
  const ledger = new Ledger();
  return {
    name: 'ResourceQuota',
    handles: ({ operation, kind, subresource, namespace }) =>
      namespace !== '' && !kind.virtual && !isEvent(kind) && isCounted(operation, kind, subresource),
    async validate(request, object) {
      if (!object) return;
      const quotas = await request.reader.list(ResourceQuota, request.namespace);
      const concerned = quotas.filter((quota) => isConcerned(quota, request.kind, object));
      if (concerned.length > 0) await checkAll(request, object, concerned, ledger);
    },
  };
}

/** They come and go too often to be counted; upstream leaves them out as well. */
function isEvent({ kind, group }: KindDefinition): boolean {
  return kind === 'Event' && (group === '' || group === 'events.k8s.io');
}

/** What an object uses can grow by an update only where more than the object itself is counted. */
function isCounted(operation: string, kind: KindDefinition, subresource: string): boolean {
  if (operation === 'CREATE') return subresource === '';
  return operation === 'UPDATE' && kind.quota !== undefined && (subresource === '' || subresource === 'resize');
}

function isConcerned({ spec }: ResourceQuota, kind: KindDefinition, object: KubeObject): boolean {
  return limitedResources(spec, kind).length > 0 && isInScopes(spec, kind, object);
}

async function checkAll(
  request: AdmissionRequest,
  object: KubeObject,
  quotas: readonly ResourceQuota[],
  ledger: Ledger,
): Promise<void> {
  const { kind, namespace, previous, clock } = request;
  using check = ledger.begin();
  const stored = await request.reader.listStored(kind, namespace);
  const now = clock.now();
  const usage = usageOf(kind, object, now);
  const more = previous ? increase(usage, usageOf(kind, previous, now)) : usage;
  const pending = check.pending(kind, namespace, stored);
  for (const { spec, metadata } of quotas) {
    const limited = limitedResources(spec, kind);
    const lacking = previous ? undefined : kind.quota?.missing?.(object, limited);
    if (lacking !== undefined) {
      throw forbidden(kind, request.name, `failed quota: ${metadata.name ?? ''}: ${lacking}`);
    }
    const requested = onlyOf(more, limited);
    const counted = [
      ...stored.filter((each) => isInScopes(spec, kind, each)).map((each) => usageOf(kind, each, now)),
      ...pending
        .filter((each) => isInScopes(spec, kind, each.object))
        .map((each) => each.increase ?? usageOf(kind, each.object, now)),
    ];
    const used = sumOf(counted);
    const over = exceeded(spec?.hard ?? {}, used, requested);
    if (over.length > 0) throw refusal(request, metadata.name ?? '', over, { requested, used, hard: spec?.hard ?? {} });
  }
  if (request.dryRun || Object.keys(more).length === 0) return;
  request.onFinished(check.admit(kind, namespace, object, previous ? more : undefined));
}

interface Amounts {
  readonly requested: Usage;
  readonly used: Usage;
  readonly hard: Usage;
}

function refusal(
  { kind, name }: AdmissionRequest,
  quota: string,
  over: readonly string[],
  { requested, used, hard }: Amounts,
): Error {
  const zeros = Object.fromEntries(over.map((resource) => [resource, '0']));
  const texts = [requested, { ...zeros, ...used }, hard].map((usage) => usageText(onlyOf(usage, over)));
  const [asked = '', taken = '', limited = ''] = texts;
  return forbidden(kind, name, `exceeded quota: ${quota}, requested: ${asked}, used: ${taken}, limited: ${limited}`);
}

interface Check extends Disposable {
  /** What was let in and is neither among `stored` nor was surely over before that was read. */
  pending(kind: KindDefinition, namespace: string, stored: readonly KubeObject[]): readonly Pending[];
  /** Notes what is let in. To be called when its write is over. */
  admit(kind: KindDefinition, namespace: string, object: KubeObject, increase: Usage | undefined): () => void;
}

class Ledger {
  readonly #pending = new Set<Pending>();
  /** When each check that is under way began to read the store. */
  readonly #checks = new Set<number>();
  #time = 0;

  begin(): Check {
    const began = ++this.#time;
    this.#checks.add(began);
    return {
      pending: (kind, namespace, stored) => this.#since(began, kind, namespace, stored),
      admit: (kind, namespace, object, increase) => this.#admit(kind, namespace, object, increase),
      [Symbol.dispose]: () => {
        this.#checks.delete(began);
        this.#forget();
      },
    };
  }

  #since(began: number, kind: KindDefinition, namespace: string, stored: readonly KubeObject[]): readonly Pending[] {
    const known = new Set(stored.map(({ metadata }) => metadata.uid));
    return [...this.#pending].filter((entry) => {
      if (entry.typeName !== typeOf(kind) || entry.namespace !== namespace) return false;
      // A write that ended after the store was read may or may not be in what was read.
      const isOpen = entry.doneAt === undefined || entry.doneAt > began;
      return isOpen && (entry.increase !== undefined || !known.has(entry.uid));
    });
  }

  #admit(kind: KindDefinition, namespace: string, object: KubeObject, increase: Usage | undefined): () => void {
    const { uid = '' } = object.metadata;
    const entry: Pending = { typeName: typeOf(kind), namespace, object, uid, increase, doneAt: undefined };
    this.#pending.add(entry);
    return () => {
      entry.doneAt = ++this.#time;
      this.#forget();
    };
  }

  /** What was over before every check that is under way is in the store for all of them, or failed. */
  #forget(): void {
    const oldest = Math.min(...this.#checks, Number.POSITIVE_INFINITY);
    for (const entry of this.#pending) {
      if (entry.doneAt !== undefined && entry.doneAt < oldest) this.#pending.delete(entry);
    }
  }
}

/** All versions of a kind count together. */
function typeOf({ group, plural }: KindDefinition): string {
  return `${plural}.${group}`;
}
