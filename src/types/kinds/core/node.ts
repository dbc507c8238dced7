import { deepEqual } from '../../../shared/deep.ts';
import { findCondition } from '../../conditions.ts';
import { checkTaints } from '../../pod/scheduling.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, orNone, textColumn, wideColumn } from '../../table.ts';
import { cidrErrorText, isCIDR } from '../../validation/field-checks.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Node = core_v1.Node;
type NodeSpec = core_v1.NodeSpec;

const rolePrefix = 'node-role.kubernetes.io/';

function statusText({ spec, status }: Node): string {
  const ready = findCondition(status?.conditions, 'Ready');
  const text = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

function rolesText({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) return [key.slice(rolePrefix.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return orNone([...new Set(roles)].sort().join(','));
}

function addressText(node: Node, type: string): string {
  return orNone(node.status?.addresses?.find((address) => address.type === type)?.address);
}

const unknown = (text: string | undefined): string => (text === undefined || text === '' ? '<unknown>' : text);

const onlyLabels =
  'node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig feature gate is enabled)';

/** What stays as it is: addresses and the provider's id once they are there. */
function fixedPart(spec: NodeSpec, previous: NodeSpec): NodeSpec {
  const { taints: _taints, unschedulable: _unschedulable, podCIDR, podCIDRs, providerID, ...rest } = spec;
  return {
    ...rest,
    ...((previous.podCIDRs ?? []).length > 0 ? { podCIDR, podCIDRs } : {}),
    ...((previous.providerID ?? '') === '' ? {} : { providerID }),
  };
}

export const Node = defineKind<Node>('v1', 'Node', {
  keepsStatusOnCreate: true,
  hasGeneration: false,
  shortNames: ['no'],
  columns: columnsOf<Node>(
    [textColumn('Status', statusText), textColumn('Roles', rolesText)],
    [
      textColumn('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
      wideColumn('Internal-IP', (node) => addressText(node, 'InternalIP')),
      wideColumn('External-IP', (node) => addressText(node, 'ExternalIP')),
      wideColumn('OS-Image', ({ status }) => unknown(status?.nodeInfo?.osImage)),
      wideColumn('Kernel-Version', ({ status }) => unknown(status?.nodeInfo?.kernelVersion)),
      wideColumn('Container-Runtime', ({ status }) => unknown(status?.nodeInfo?.containerRuntimeVersion)),
    ],
  ),
  selectableFields: [{ path: 'spec.unschedulable', value: ({ spec }) => String(spec?.unschedulable ?? false) }],
  validated: true,
  example: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: {} },
  applyDefaults({ spec, status }) {
    if (status?.capacity && !status.allocatable) status.allocatable = { ...status.capacity };
    if (!spec) return;
    // The two fields say the same, one for a single family, one for two.
    if (spec.podCIDR !== undefined && !spec.podCIDRs) spec.podCIDRs = [spec.podCIDR];
    const [first] = spec.podCIDRs ?? [];
    if (first !== undefined) spec.podCIDR ??= first;
  },
  validate({ spec }, issues) {
    checkTaints(spec?.taints, issues.at('metadata', 'taints'));
    spec?.podCIDRs?.forEach((cidr, index) => {
      if (!isCIDR(cidr)) issues.at('spec', 'podCIDRs', index).invalid(cidr, cidrErrorText);
    });
  },
  validateUpdate(next, previous, issues) {
    const [now, before] = [next.spec ?? {}, previous.spec ?? {}];
    if ((before.podCIDRs ?? []).length > 0 && !deepEqual(now.podCIDRs, before.podCIDRs)) {
      issues.at('spec', 'podCIDRs').forbidden('node updates may not change podCIDR except from "" to valid');
    }
    if ((before.providerID ?? '') !== '' && now.providerID !== before.providerID) {
      issues.at('spec', 'providerID').forbidden('node updates may not change providerID except from "" to valid');
    }
    if (!deepEqual(fixedPart(now, before), fixedPart(before, before))) {
      // Upstream has a path of one empty name here.
      issues.at({ key: '' }).forbidden(onlyLabels);
    }
  },
  validateStatusUpdate(next, _previous, issues) {
    const seen = new Set<string>();
    next.status?.addresses?.forEach((address, index) => {
      const key = `${address.type}/${address.address}`;
      if (seen.has(key)) issues.at('status', 'addresses', index).duplicate(address);
      seen.add(key);
    });
  },
});
