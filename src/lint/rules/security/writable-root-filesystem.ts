import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods, isWindows } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';

export const writableRootFilesystem: LintRule = {
  id: 'security/writable-root-filesystem',
  severity: 'warning',
  recommended: true,
  aliases: [
    'kube-linter:no-read-only-root-fs',
    'kube-score:container-security-context-readonlyrootfilesystem',
    'kube-score:container-security-context',
  ],
  summary: 'readOnlyRootFilesystem is true; what has to be written goes to volumes.',
  why: 'What cannot be written cannot be replaced by an intruder, and nothing is lost with the container.',
  bad: podExample({ container: 'securityContext:\n  readOnlyRootFilesystem: false' }),
  good: podExample({ container: 'securityContext:\n  readOnlyRootFilesystem: true' }),
  appliesTo: hasPods,
  *check(subject) {
    if (isWindows(subject)) return;
    for (const { container, at } of containersOf(subject)) {
      const value = container.securityContext?.readOnlyRootFilesystem;
      if (value === true) continue;
      const path = at('securityContext', 'readOnlyRootFilesystem');
      const message = `container ${container.name} may write to the files of its image`;
      yield { path: value === undefined ? at() : path, message, fix: suggestSet(path, true) };
    }
  },
};
