import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

const part = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*';
const host =
  '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?';
const reference = new RegExp(
  `^(?:${host}/)?${part}(?:/${part})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

export const invalidName: LintRule = {
  id: 'images/invalid-name',
  severity: 'error',
  recommended: true,
  certain: true,
  summary: 'The name of an image is one that a registry can have.',
  why: 'The API server takes it, but the kubelet never pulls it: the container stays in InvalidImageName.',
  bad: podExample({ image: 'registry.example.com/Web:1.4.2' }),
  good: podExample({ image: 'registry.example.com/web:1.4.2' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      const image = container.image ?? '';
      if (image === '' || image.trim() !== image || image.length > 2_000 || reference.test(image)) continue;
      const upper = /[A-Z]/.test(image.replace(/^[^/]*\//, '').split(/[:@]/)[0] ?? '')
        ? ': it has capital letters'
        : '';
      // Examples leave it to the reader to put in a name: `<your-image>`, `gcr.io/PROJECT_ID/app:1`.
      const placeholder = /[<>{}$[\]]|(?:^|[/:])[A-Z][A-Z0-9_-]{2,}(?:$|[/:])/.test(image);
      yield {
        path: at('image'),
        message: `${image} is no name of an image${upper}`,
        ...(placeholder ? { atMost: 'warning' as const } : {}),
      };
    }
  },
};
