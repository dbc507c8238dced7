import { defineKind } from '../../registry.ts';
import { isBlank } from '../../validation/field-checks.ts';
import {
  checkDefinition,
  checkDefinitionName,
  checkDefinitionUpdate,
} from '../../validation/custom-resource-definitions.ts';
import type { Column } from '../../define-kind.ts';
import { nameColumn } from '../../table.ts';
import type { Draft } from '../../meta.ts';
import type * as apiextensions_v1 from '../generated/apiextensions-v1.gen.ts';

export type CustomResourceDefinition = apiextensions_v1.CustomResourceDefinition;

const createdAt: Column<CustomResourceDefinition> = {
  name: 'Created At',
  type: 'date',
  cell: ({ metadata }) => metadata.creationTimestamp ?? null,
};

/** Every version that ever was the storage version is remembered until someone migrates. */
function rememberStorageVersion(draft: Draft<CustomResourceDefinition>): void {
  const storage = draft.spec?.versions?.find((version) => version.storage)?.name;
  if (storage === undefined) return;
  const status = (draft.status ??= {});
  if (!(status.storedVersions ?? []).includes(storage)) {
    status.storedVersions = [...(status.storedVersions ?? []), storage];
  }
}

export const CustomResourceDefinition = defineKind<CustomResourceDefinition>(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  {
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    hasGeneration: true,
    columns: [nameColumn, createdAt],
    validated: true,
    example: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1 } } } },
              },
            },
          },
        ],
      },
    },
    applyDefaults({ spec }) {
      if (!spec) return;
      spec.conversion ??= { strategy: 'None' };
      const service = spec.conversion.webhook?.clientConfig?.service;
      if (service) service.port ??= 443;
      if (!spec.names) return;
      if (isBlank(spec.names.singular)) spec.names.singular = (spec.names.kind ?? '').toLowerCase();
      if (isBlank(spec.names.listKind) && !isBlank(spec.names.kind)) spec.names.listKind = `${spec.names.kind}List`;
    },
    prepareForCreate(draft) {
      draft.status = {};
      rememberStorageVersion(draft);
    },
    prepareForUpdate: rememberStorageVersion,
    deletionFinalizer: 'customresourcecleanup.apiextensions.k8s.io',
    prepareForDeletion(draft) {
      const conditions = (draft.status ??= {}).conditions ?? [];
      const terminating = {
        type: 'Terminating',
        status: 'True',
        lastTransitionTime: draft.metadata.deletionTimestamp ?? '',
        reason: 'InstanceDeletionInProgress',
        message: 'CustomResource deletion is in progress',
      };
      draft.status.conditions = [...conditions.filter(({ type }) => type !== terminating.type), terminating];
    },
    validate: checkDefinition,
    validateCreate: checkDefinitionName,
    validateUpdate: checkDefinitionUpdate,
  },
);
