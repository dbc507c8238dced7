import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { imageName } from './image-name.ts';

export const noDigest: LintRule = {
  id: 'images/no-digest',
  severity: 'info',
  recommended: false,
  summary: 'Images are pinned by digest.',
  why: 'A tag can be moved to another image by whoever may write to the registry; a digest cannot.',
  bad: podExample({ image: 'registry.example.com/web:1.4.2' }),
  good: podExample({
    image: 'registry.example.com/web:1.4.2@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      if ((container.image ?? '') === '' || imageName(container.image ?? '').digest !== undefined) continue;
      yield { path: at('image'), message: `the image of container ${container.name} is not pinned by its digest` };
    }
  },
};
