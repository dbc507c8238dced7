import type { LintRule } from '../../rule.ts';
import { groupOf } from '../../selectors.ts';
import { documents } from '../example.ts';
import { certainty } from './certainty.ts';
import { folderOf } from '../../kustomize.ts';

const conf = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

export const duplicateObject: LintRule = {
  id: 'reference/duplicate-object',
  severity: 'error',
  recommended: true,
  certain: true,
  looksAround: true,
  summary: 'No two objects have the same kind, namespace and name.',
  why: 'They are one object to Kubernetes: the last one applied wins.',
  bad: documents(conf('settings'), conf('settings')),
  good: documents(conf('settings'), conf('other-settings')),
  appliesTo: (kind) => kind?.virtual !== true,
  *check(subject, around) {
    const { object, file, namespace } = subject;
    const { name } = object.metadata;
    if (name === undefined) return;
    for (const other of around.named(groupOf(object.apiVersion), object.kind, name)) {
      if (other === subject) return;
      if (other.namespace !== namespace) continue;
      const place = other.file === file ? 'further up' : `in ${other.file}`;
      const message = `another ${object.kind} with the name ${name} stands ${place}`;
      // Files of different folders may be variants, of which only one is ever applied.
      const variant = folderOf(other.file) !== folderOf(file);
      yield { path: ['metadata', 'name'], message, ...(variant ? { atMost: 'info' } : certainty(subject, [other])) };
      return;
    }
  },
};
