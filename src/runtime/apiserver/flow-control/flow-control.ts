/** Classifies each request, and tells its client by which objects. Every priority level has as much of the server as it asks for. */
import type { KindDefinition } from '../../../types/define-kind.ts';
import { FlowSchema } from '../../../types/kinds/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../../types/kinds/flowcontrol/priority-level-configuration.ts';
import type { KubeObject } from '../../../types/meta.ts';
import type { Store } from '../../storage/store.ts';
import { ConfigurationIndex } from '../admission/policies/configuration-index.ts';
import type { UserInfo } from '../request.ts';
import type { RequestInfo } from '../request-info.ts';
import { inMatchingOrder, matches } from './flow-matching.ts';

/** A schema with the level that it leads to. */
interface Flow {
  readonly schema: FlowSchema;
  readonly level: PriorityLevelConfiguration;
}

export class FlowControl {
  readonly #index = new ConfigurationIndex([FlowSchema, PriorityLevelConfiguration]);
  #flows: readonly Flow[] | undefined;

  async load(store: Store): Promise<void> {
    await this.#index.load(store);
    this.#flows = undefined;
  }

  /** To be told of everything that is written. */
  onStored(kind: KindDefinition, object: KubeObject, gone: boolean): void {
    if (kind.typeName !== FlowSchema.typeName && kind.typeName !== PriorityLevelConfiguration.typeName) return;
    this.#index.onStored(kind, object, gone);
    this.#flows = undefined;
  }

  /** Headers for the answer; none while there is no schema that takes the request. */
  headers(info: RequestInfo, user: UserInfo): Readonly<Record<string, string>> {
    this.#flows ??= this.#inOrder();
    const flow = this.#flows.find(({ schema }) => matches(schema, info, user));
    if (!flow) return {};
    return {
      'x-kubernetes-pf-flowschema-uid': flow.schema.metadata.uid ?? '',
      'x-kubernetes-pf-prioritylevel-uid': flow.level.metadata.uid ?? '',
    };
  }

  /** A schema whose level is missing takes no requests. */
  #inOrder(): readonly Flow[] {
    const levels = new Map(this.#index.all(PriorityLevelConfiguration).map((level) => [level.metadata.name, level]));
    return inMatchingOrder(this.#index.all(FlowSchema)).flatMap((schema) => {
      const level = levels.get(schema.spec?.priorityLevelConfiguration?.name);
      return level ? [{ schema, level }] : [];
    });
  }
}
