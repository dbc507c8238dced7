/** The table of subresources. Which kinds have them is said by the kinds. */
import { approval } from './approval.ts';
import { attach } from './attach.ts';
import { binding } from './binding.ts';
import { ephemeralContainers } from './ephemeral-containers.ts';
import { eviction } from './eviction.ts';
import { exec } from './exec.ts';
import { finalize } from './finalize.ts';
import { log } from './log.ts';
import { portForward } from './port-forward.ts';
import { proxy } from './proxy.ts';
import { resize } from './resize.ts';
import { scale } from './scale.ts';
import { status } from './status.ts';
import type { Subresource } from './subresource.ts';
import { token } from './token.ts';

export const subresources: readonly Subresource[] = [
  approval,
  attach,
  binding,
  ephemeralContainers,
  eviction,
  exec,
  finalize,
  log,
  portForward,
  proxy,
  resize,
  scale,
  status,
  token,
];
