import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { imageName } from './image-name.ts';

export const noTag: LintRule = {
  id: 'images/no-tag',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-linter:latest-tag', 'kube-score:container-image-tag'],
  summary: 'Every image has a tag or a digest.',
  why: 'Without either it is latest, which is another image tomorrow.',
  bad: podExample({ image: 'registry.example.com/web' }),
  good: podExample({ image: 'registry.example.com/web:1.4.2' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      const { tag, digest } = imageName(container.image ?? '');
      if ((container.image ?? '') === '' || tag !== undefined || digest !== undefined) continue;
      yield { path: at('image'), message: `the image of container ${container.name} has no tag, which means latest` };
    }
  },
};
