/** Tells in the status of a FlowSchema whether the priority level exists that it leads to (KEP-1040). */
import { FlowSchema } from '../../../types/kinds/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../../types/kinds/flowcontrol/priority-level-configuration.ts';
import { isFailure } from '../../client/answers.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { danglingCondition } from './status.ts';

export const flowSchemaController: Controller<FlowSchema> = {
  name: 'flow-schema-controller',
  kind: FlowSchema,
  alsoWatches: [
    {
      kind: PriorityLevelConfiguration,
      concerns: ({ metadata }, informers) =>
        informers
          .of(FlowSchema)
          .list()
          .filter(({ spec }) => spec?.priorityLevelConfiguration?.name === metadata.name)
          .map((schema) => ({ namespace: '', name: schema.metadata.name ?? '' })),
    },
  ],
  reconciler,
};

function reconciler({ client, informers, clock }: ControllerContext): Reconcile {
  const schemas = informers.of(FlowSchema);
  const levels = informers.of(PriorityLevelConfiguration);
  return async (key) => {
    const schema = schemas.get(key);
    if (!schema || schema.metadata.deletionTimestamp !== undefined) return;
    const name = schema.spec?.priorityLevelConfiguration?.name ?? '';
    const exists = levels.get({ namespace: '', name }) !== undefined;
    const conditions = danglingCondition(schema.status?.conditions ?? [], name, exists, clock.now());
    if (!conditions) return;
    try {
      await client.of(FlowSchema).updateStatus({ ...schema, status: { ...schema.status, conditions } });
    } catch (error) {
      if (!isFailure(error, 'NotFound', 'Conflict')) throw error;
    }
  };
}
