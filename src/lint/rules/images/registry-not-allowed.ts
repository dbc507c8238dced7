import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { imageName } from './image-name.ts';

export const registryNotAllowed: LintRule = {
  id: 'images/registry-not-allowed',
  severity: 'warning',
  recommended: true,
  options: { registries: [] },
  summary:
    'Images come from the registries that the configuration lists (option `registries`; nothing is checked without).',
  why: 'A registry of one’s own is scanned and stays available.',
  bad: podExample({ image: 'docker.io/library/nginx:1.29' }),
  good: podExample({ image: 'registry.example.com/web:1.4.2' }),
  appliesTo: hasPods,
  *check(subject, _around, { registries }) {
    const allowed = Array.isArray(registries) ? registries.filter((one) => typeof one === 'string') : [];
    if (allowed.length === 0) return;
    for (const { container, at } of containersOf(subject)) {
      const image = container.image ?? '';
      const full = imageName(image).registry === undefined ? `docker.io/${image}` : image;
      if (
        image === '' ||
        allowed.some((registry) => full === registry || full.startsWith(`${registry.replace(/\/$/, '')}/`))
      )
        continue;
      yield { path: at('image'), message: `${image} comes from none of ${allowed.join(', ')}` };
    }
  },
};
