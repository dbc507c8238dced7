/** Kinds that come and go at run time: the controllers that go through all kinds take them in. */
import { expect, it } from 'vitest';
import { garbageCollector } from '../../../src/runtime/controllers/garbage-collector/index.ts';
import { namespaceController } from '../../../src/runtime/controllers/namespace/index.ts';
import { customResourceKinds } from '../../../src/types/custom-resource-schema.ts';
import type { KindDefinition } from '../../../src/types/define-kind.ts';
import { CustomResourceDefinition } from '../../../src/types/kinds/apiextensions/custom-resource-definition.ts';
import { ConfigMap } from '../../../src/types/kinds/core/config-map.ts';
import { Namespace } from '../../../src/types/kinds/core/namespace.ts';
import type { KubeObject } from '../../../src/types/meta.ts';
import { startControlPlane } from './control-plane.ts';

const definition: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: ['v1', 'v2'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    })),
  },
};

function widgetKind(): KindDefinition {
  const [kind] = customResourceKinds(definition);
  if (!kind) throw new Error('the definition defines nothing');
  return kind;
}

it('collects what custom resources own, and empties namespaces of them, also when they come a second time', async () => {
  const plane = await startControlPlane([garbageCollector, namespaceController]);
  const { client, until, failures } = plane;
  const Widget = widgetKind();
  const widgets = client.of(Widget);
  for (const round of ['first', 'second']) {
    await client.of(CustomResourceDefinition).create(definition);
    await client.of(Namespace).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: round } });
    const metadata = { namespace: round, name: 'owner' };
    const owner = await widgets.create({ apiVersion: Widget.apiVersion, kind: Widget.kind, metadata });
    const reference = { apiVersion: Widget.apiVersion, kind: Widget.kind, name: 'owner', uid: owner.metadata.uid };
    await client.of(ConfigMap).create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: round, name: 'owned', ownerReferences: [reference] },
    });
    await widgets.create({
      apiVersion: Widget.apiVersion,
      kind: Widget.kind,
      metadata: { namespace: round, name: 'owned', ownerReferences: [reference] },
    });
    const isOwned = ({ metadata: { namespace, name } }: KubeObject): boolean => namespace === round && name === 'owned';
    await widgets.delete({ namespace: round, name: 'owner' });
    await until(ConfigMap, (objects) => !objects.some(isOwned));
    await until(Widget, (objects) => !objects.some(isOwned));
    const finalizers = ['example.com/hold'];
    await widgets.create({
      apiVersion: Widget.apiVersion,
      kind: Widget.kind,
      metadata: { namespace: round, name: 'held', finalizers },
    });
    await client.of(Namespace).delete({ namespace: '', name: round });
    await until(Widget, (objects) =>
      objects.some(({ metadata: { deletionTimestamp } }) => deletionTimestamp !== undefined),
    );
    await widgets.patch(
      { namespace: round, name: 'held' },
      { type: 'merge', patch: { metadata: { finalizers: null } } },
    );
    await until(Namespace, (objects) => !objects.some(({ metadata: { name } }) => name === round));
    await client.of(CustomResourceDefinition).delete({ namespace: '', name: 'widgets.example.com' });
    await until(CustomResourceDefinition, (objects) => objects.length === 0);
  }
  expect(failures).toEqual([]);
});
