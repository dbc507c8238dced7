import type { Milliseconds } from '../../../shared/clock.ts';
import type {
  Pod,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../../types/kinds/generated/core-v1.gen.ts';
import { writeAtomically } from './atomic-folder.ts';
import { configMapFiles, DEFAULT_MODE, downwardFiles, inside, needsAddress, secretFiles } from './payload.ts';
import { VolumeError, type PayloadFile, type VolumeContext, type VolumeType } from './volume-type.ts';

export const projectedVolume: VolumeType = {
  field: 'projected',
  live: true,
  async setUp(volume, context) {
    const { sources = [], defaultMode = DEFAULT_MODE } = volume.projected ?? {};
    const files = new Map<string, PayloadFile>();
    let renewAfter: Milliseconds | undefined;
    for (const source of sources) {
      for (const [path, file] of await sourceFiles(source, defaultMode, context)) files.set(path, file);
      if (!source.serviceAccountToken) continue;
      const { path, renewIn } = await tokenFile(volume.name, source.serviceAccountToken, defaultMode, context);
      files.set(path.name, path.file);
      renewAfter = Math.min(renewAfter ?? renewIn, renewIn);
    }
    writeAtomically(context.memoryFolder, files, context.pod.spec?.securityContext?.fsGroup);
    return { path: context.memoryFolder, ...(renewAfter === undefined ? {} : { renewAfter }) };
  },
};

async function sourceFiles(
  source: VolumeProjection,
  mode: number,
  { pod, sources, place }: VolumeContext,
): Promise<ReadonlyMap<string, PayloadFile>> {
  const namespace = pod.metadata.namespace ?? '';
  const { configMap, secret, downwardAPI } = source;
  if (configMap) {
    const { name = '', items, optional = false } = configMap;
    return configMapFiles(name, await sources.configMap(namespace, name), { items, mode, optional });
  }
  if (secret) {
    const { name = '', items, optional = false } = secret;
    return secretFiles(name, await sources.secret(namespace, name), { items, mode, optional });
  }
  if (downwardAPI) {
    const { items = [] } = downwardAPI;
    return downwardFiles(pod, items, mode, await place(needsAddress(items)));
  }
  if (source.clusterTrustBundle || source.podCertificate) {
    throw new VolumeError('projected clusterTrustBundle and podCertificate sources are not supported on this node');
  }
  return new Map();
}

/** With a group it is the group that may read it, and nobody else. */
const TOKEN_MODE = 0o600;
/** A token is asked for anew when 80 % of its life is over. */
const RENEWAL_SHARE = 0.8;

async function tokenFile(
  volume: string,
  projection: ServiceAccountTokenProjection,
  mode: number,
  context: VolumeContext,
): Promise<{ path: { name: string; file: PayloadFile }; renewIn: Milliseconds }> {
  const { audience, expirationSeconds = 3600, path } = projection;
  const key = `${volume}/${path}`;
  const now = context.clock.now().getTime();
  const renewal = (expires: Date): Milliseconds =>
    expires.getTime() - expirationSeconds * 1000 * (1 - RENEWAL_SHARE) - now;
  let token = context.tokens.get(key);
  if (!token || renewal(token.expires) <= 0) {
    token = await context.sources.token(context.pod, { audience, expirationSeconds });
    context.tokens.set(key, token);
  }
  const { pod } = context;
  const owner = onlyUser(pod);
  const file: PayloadFile = {
    data: Buffer.from(token.token),
    mode: pod.spec?.securityContext?.fsGroup === undefined ? mode : TOKEN_MODE,
    ...(owner !== undefined && { owner }),
  };
  return { path: { name: inside(path), file }, renewIn: Math.max(1000, renewal(token.expires)) };
}

/** The user that all containers run as, if they say so themselves (KEP-1205, file permissions of tokens). */
export function onlyUser({ spec }: Pod): number | undefined {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const users = new Set(
    containers.map(({ securityContext }) => securityContext?.runAsUser ?? spec?.securityContext?.runAsUser),
  );
  const [user] = users;
  return users.size === 1 ? user : undefined;
}
