import type { KubeObject } from '../../../types/meta.ts';
import type { ObjectDraft } from '../fields.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

/** The plugins in their order: all mutate, then the object is validated, then all validate. */
export class AdmissionChain {
  constructor(readonly plugins: readonly AdmissionPlugin[]) {}

  /** @throws ApiError of the first plugin that refuses. */
  async mutate(request: AdmissionRequest, draft: ObjectDraft): Promise<void> {
    for (const plugin of this.plugins) {
      if (plugin.mutate && asks(plugin, request)) await plugin.mutate(request, draft);
    }
  }

  /** @throws ApiError of the first plugin that refuses. */
  async validate(request: AdmissionRequest, object: KubeObject | undefined): Promise<void> {
    for (const plugin of this.plugins) {
      if (plugin.validate && asks(plugin, request)) await plugin.validate(request, object);
    }
  }
}

function asks(plugin: AdmissionPlugin, request: AdmissionRequest): boolean {
  return (request.operation !== 'CONNECT' || plugin.connections === true) && plugin.handles(request);
}
