import type { LintRule } from '../../rule.ts';
import { deploymentExample, documents } from '../example.ts';
import { unresolved } from './unresolved.ts';

export const classes: LintRule = {
  id: 'reference/class',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  summary: 'Priority, runtime and storage classes that are named are spelt as they are defined.',
  why: 'Classes mostly come with the cluster; but a name that is nearly one of those in the files is a slip.',
  bad: documents(
    'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata:\n  name: important\nvalue: 1000\n',
    deploymentExample({ spec: 'priorityClassName: importent' }),
  ),
  good: documents(
    'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata:\n  name: important\nvalue: 1000\n',
    deploymentExample({ spec: 'priorityClassName: important' }),
  ),
  appliesTo: (kind) => kind?.references !== undefined,
  *check(subject, around) {
    const kinds = ['PriorityClass', 'RuntimeClass', 'StorageClass', 'IngressClass'];
    yield* unresolved(subject, around, { kinds, absent: 'only-similar' });
  },
};
