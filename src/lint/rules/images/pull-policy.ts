import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';
import { imageName } from './image-name.ts';

export const pullPolicy: LintRule = {
  id: 'images/pull-policy',
  severity: 'info',
  recommended: false,
  aliases: ['kube-score:container-image-pull-policy'],
  summary: 'imagePullPolicy is Always.',
  why: 'Otherwise a pod may use an image from the node’s store that it has no right to pull.',
  bad: podExample({ container: 'imagePullPolicy: IfNotPresent' }),
  good: podExample({ container: 'imagePullPolicy: Always' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      const path = at('imagePullPolicy');
      if (container.imagePullPolicy === 'Always' || imageName(container.image ?? '').digest !== undefined) continue;
      const message = `container ${container.name} may use an image that the node happens to have`;
      yield { path: container.imagePullPolicy === undefined ? at() : path, message, fix: suggestSet(path, 'Always') };
    }
  },
};
