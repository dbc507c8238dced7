import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { imageName } from './image-name.ts';

export const latest: LintRule = {
  id: 'images/latest',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-linter:latest-tag', 'kube-score:container-image-tag'],
  summary: 'No image has the tag latest.',
  why: 'latest is another image tomorrow: nodes run different ones, and there is no way back.',
  bad: podExample({ image: 'registry.example.com/web:latest' }),
  good: podExample({ image: 'registry.example.com/web:1.4.2' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      const { tag, digest } = imageName(container.image ?? '');
      if (tag === 'latest' && digest === undefined) {
        yield { path: at('image'), message: `container ${container.name} runs whatever latest is at the time` };
      }
    }
  },
};
