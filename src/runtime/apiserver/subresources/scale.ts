import { deepClone, isRecord } from '../../../shared/deep.ts';
import { collectIssues } from '../../../types/field-issue.ts';
import { labelSelectorText } from '../../../types/label-selector.ts';
import type { KubeObject } from '../../../types/meta.ts';
import { fieldOf, numberOf, recordOf } from '../fields.ts';
import type { ObjectDraft } from '../fields.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { objectAnswer, writeContext } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { copyOf } from '../resource-storage.ts';
import { writeParameters } from '../request-options.ts';
import { ApiError, badRequest, invalid, unsupportedMediaType } from '../status-error.ts';
import { refusing } from '../verbs/patch.ts';
import type { Subresource } from './subresource.ts';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

interface ScaleObject extends KubeObject {
  readonly spec: { readonly replicas?: number };
  readonly status: { readonly replicas: number; readonly selector?: string };
}

export const scale: Subresource = {
  name: 'scale',
  document: SCALE,
  verbs: {
    get: getScale,
    update: (context) => setScale(context, 'UpdateOptions'),
    patch: (context) => setScale(context, 'PatchOptions'),
  },
};

async function getScale(context: RequestContext): Promise<Answer> {
  return objectAnswer(200, scaleOf(context, await current(context)));
}

async function current(context: RequestContext): Promise<KubeObject> {
  const found = await context.storage.find(context.key);
  if (found) return found.object;
  const { group, plural } = context.kind;
  const resource = group === '' ? `${plural}/scale` : `${plural}/scale.${group}`;
  const details = { name: context.key.name, ...(group === '' ? {} : { group }), kind: `${plural}/scale` };
  throw new ApiError('NotFound', `${resource} "${context.key.name}" not found`, details);
}

function path(text: string): readonly string[] {
  return text.split('.').filter((name) => name !== '');
}

function scaleOf({ kind }: RequestContext, object: KubeObject): ScaleObject {
  const paths = kind.scale ?? {
    specReplicas: '.spec.replicas',
    statusReplicas: '.status.replicas',
    labelSelector: '.status.selector',
  };
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = numberOf(object, ...path(paths.specReplicas)) ?? 0;
  const selector = selectorText(object, paths.labelSelector);
  return {
    kind: SCALE.kind,
    apiVersion: `${SCALE.group}/${SCALE.version}`,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberOf(object, ...path(paths.statusReplicas)) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

function selectorText(object: KubeObject, at: string | undefined): string {
  const own = at === undefined ? undefined : fieldOf(object, ...path(at));
  if (typeof own === 'string') return own;
  const selector = isRecord(own) ? own : recordOf(object, 'spec', 'selector');
  if ('matchLabels' in selector || 'matchExpressions' in selector) return labelSelectorText(selector);
  const labels = Object.entries(selector).map(([key, value]) => [key, String(value)] as const);
  return labelSelectorText({ matchLabels: Object.fromEntries(labels) });
}

async function setScale(context: RequestContext, optionsKind: 'UpdateOptions' | 'PatchOptions'): Promise<Answer> {
  const parameters = writeParameters(context.request, optionsKind);
  await current(context);
  const written = await context.storage.update(
    context.key,
    (found) => {
      const base = found ? found.object : undefined;
      if (!base) throw badRequest('the object is gone');
      const wanted = wantedScale(context, scaleOf(context, base), optionsKind === 'PatchOptions');
      const draft = copyOf(base);
      setReplicas(draft, path(context.kind.scale?.specReplicas ?? '.spec.replicas'), wanted.replicas);
      if (wanted.resourceVersion === undefined) delete draft.metadata.resourceVersion;
      else draft.metadata.resourceVersion = wanted.resourceVersion;
      return { draft };
    },
    { ...writeContext(context, parameters) },
  );
  return objectAnswer(200, scaleOf(context, written.object));
}

interface Wanted {
  readonly replicas: number;
  readonly resourceVersion: string | undefined;
}

function wantedScale(context: RequestContext, now: ScaleObject, patching: boolean): Wanted {
  const { request, key } = context;
  const body = patching ? patchedScale(context, now) : request.body;
  if (!isRecord(body)) throw badRequest('the object provided is unrecognized (must be of type Scale)');
  const { kind = SCALE.kind, apiVersion = now.apiVersion } = body;
  if (kind !== SCALE.kind || (apiVersion !== now.apiVersion && apiVersion !== 'extensions/v1beta1')) {
    const version = String(apiVersion).split('/').at(-1) ?? '';
    throw badRequest(
      `${String(kind)} in version "${version}" cannot be handled as a Scale: converting (${version}.${String(kind)}) to (autoscaling.Scale): unknown conversion`,
    );
  }
  const name = fieldOf(body, 'metadata', 'name');
  if (name !== undefined && name !== key.name) {
    throw badRequest(`the name of the object (${String(name)}) does not match the name on the URL (${key.name})`);
  }
  const replicas = fieldOf(body, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest(
      `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    );
  }
  const issues = collectIssues((sink) => {
    // What a custom resource is scaled to is judged by its own schema.
    if (replicas < 0 && context.kind.custom !== true)
      sink.at('spec', 'replicas').invalid(replicas, 'must be greater than or equal to 0');
  });
  if (issues.length > 0) throw invalid(SCALE, key.name, issues);
  const version = fieldOf(body, 'metadata', 'resourceVersion');
  // A patch starts from what is stored, so only a version of the client's own making counts.
  const insisted =
    typeof version === 'string' && version !== '' && (!patching || version !== now.metadata.resourceVersion);
  return { replicas, resourceVersion: insisted ? version : undefined };
}

function patchedScale(context: RequestContext, now: ScaleObject): unknown {
  const { request } = context;
  const [type = ''] = request.contentType.split(';');
  switch (type) {
    case 'application/json-patch+json':
      return refusing(context, () => applyJsonPatch(now, request.body));
    case 'application/merge-patch+json':
    // A Scale has neither lists nor maps with merge rules: both kinds of merge come to the same.
    case 'application/strategic-merge-patch+json':
    case 'application/apply-patch+yaml':
      return refusing(context, () => applyMergePatch(now, request.body));
    default:
      throw unsupportedMediaType([
        'application/json-patch+json',
        'application/merge-patch+json',
        'application/strategic-merge-patch+json',
        'application/apply-patch+yaml',
      ]);
  }
}

function setReplicas(draft: ObjectDraft, place: readonly string[], replicas: number): void {
  let holder: Record<string, unknown> = draft;
  for (const name of place.slice(0, -1)) {
    const next = holder[name];
    const child: Record<string, unknown> = isRecord(next) ? deepClone(next) : {};
    holder[name] = child;
    holder = child;
  }
  const last = place.at(-1);
  if (last !== undefined) holder[last] = replicas;
}
