/** Asks the webhook of a definition for its objects in another version (apiextensions.k8s.io/v1, ConversionReview). */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import { isRecord } from '../../../shared/deep.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { WebhookConversion } from '../../../types/kinds/generated/apiextensions-v1.gen.ts';
import { isKubeObject } from '../../../types/meta.ts';
import type { KubeObject } from '../../../types/meta.ts';
import { post } from '../admission/webhooks/post.ts';
import { targetOf } from '../admission/webhooks/target.ts';
import type { ObjectReader } from '../object-reader.ts';
import { ApiError } from '../status-error.ts';

/** Upstream's own; definitions cannot say another. */
const SECONDS = 30;

export interface ConversionContext {
  readonly reader: ObjectReader;
  readonly clock: Clock;
}

/**
 * The objects in the version, in the same order. All of them are in one other version.
 * @throws ApiError InternalError when the webhook cannot be asked, refuses, or changes what it must not
 */
export async function convertedByWebhook(
  conversion: WebhookConversion,
  kind: Pick<KindDefinition, 'kind'>,
  objects: readonly KubeObject[],
  apiVersion: string,
  context: ConversionContext,
): Promise<readonly KubeObject[]> {
  try {
    const target = await targetOf(conversion.clientConfig ?? {}, context.reader);
    const uid = randomUUID();
    const version = conversion.conversionReviewVersions.find((each) => each === 'v1' || each === 'v1beta1') ?? 'v1';
    const review = {
      kind: 'ConversionReview',
      apiVersion: `apiextensions.k8s.io/${version}`,
      request: { uid, desiredAPIVersion: apiVersion, objects },
    };
    const text = await post(target, SECONDS, JSON.stringify(review), context.clock);
    return checked(answerOf(text, uid), objects, apiVersion);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const what = `${objects[0]?.apiVersion ?? ''}, Kind=${kind.kind}`;
    throw new ApiError('InternalError', `conversion webhook for ${what} failed: ${error.message}`);
  }
}

function answerOf(text: string, uid: string): readonly unknown[] {
  const review: unknown = JSON.parse(text);
  const response = isRecord(review) ? review['response'] : undefined;
  if (!isRecord(response)) throw new Error('no response provided');
  if (response['uid'] !== uid)
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
  const result = isRecord(response['result']) ? response['result'] : {};
  if (result['status'] !== 'Success') {
    const message = typeof result['message'] === 'string' && result['message'] !== '' ? result['message'] : undefined;
    throw new Error(message ?? `response.result.status was '${String(result['status'] ?? '')}', not 'Success'`);
  }
  return Array.isArray(response['convertedObjects']) ? response['convertedObjects'] : [];
}

function checked(
  converted: readonly unknown[],
  originals: readonly KubeObject[],
  apiVersion: string,
): readonly KubeObject[] {
  if (converted.length !== originals.length)
    throw new Error(`webhook returned ${converted.length} objects, expected ${originals.length}`);
  return originals.map((original, index) => withOwnMetadata(converted[index], original, apiVersion, index));
}

/** Of the metadata a webhook may change labels and annotations only. */
function withOwnMetadata(converted: unknown, original: KubeObject, apiVersion: string, index: number): KubeObject {
  const fault = (what: string): Error => new Error(`invalid converted object at index ${index}: ${what}`);
  if (!isKubeObject(converted)) throw fault('it is no object with metadata');
  if (converted.apiVersion !== apiVersion)
    throw fault(`expected to be of version ${apiVersion}, but was ${converted.apiVersion}`);
  if (converted.kind !== original.kind) throw fault(`expected kind ${original.kind}, but was ${converted.kind}`);
  for (const field of ['name', 'namespace', 'uid'] as const) {
    if (converted.metadata[field] !== original.metadata[field]) throw fault(`metadata.${field} may not be changed`);
  }
  const { labels: _labels, annotations: _annotations, ...kept } = original.metadata;
  const { labels, annotations } = converted.metadata;
  const metadata = {
    ...kept,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return { ...converted, metadata };
}
