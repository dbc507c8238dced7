/** THE table of commands. */
import type { CommandDefinition } from '../command.ts';

export const commands: readonly CommandDefinition[] = [
  { name: 'build', summary: 'compile programs to ordered YAML', load: () => import('./build.ts') },
  { name: 'lint', summary: 'check programs, YAML and JSON', load: () => import('./lint.ts') },
  { name: 'up', summary: 'run a program on the local cluster', load: () => import('./up.ts') },
  { name: 'down', summary: 'delete what up applied', load: () => import('./down.ts') },
  { name: 'apply', summary: 'apply to any Kubernetes cluster', load: () => import('./apply.ts') },
  { name: 'diff', summary: 'show what an apply would change on a cluster', load: () => import('./diff.ts') },
  { name: 'cluster', summary: 'start, stop, inspect and delete local clusters', load: () => import('./cluster.ts') },
  { name: 'kubeconfig', summary: 'print the kubeconfig of a local cluster', load: () => import('./kubeconfig.ts') },
  { name: 'get', summary: 'list objects', load: () => import('./get.ts') },
  { name: 'describe', summary: 'show objects and what happened to them', load: () => import('./describe.ts') },
  { name: 'delete', summary: 'delete objects', load: () => import('./delete.ts') },
  { name: 'events', summary: 'list events', load: () => import('./events.ts') },
  { name: 'exec', summary: 'run a command in a container', load: () => import('./exec.ts') },
  { name: 'port-forward', summary: 'reach ports of a pod from this machine', load: () => import('./port-forward.ts') },
  { name: 'top', summary: 'show what pods and nodes use', load: () => import('./top.ts') },
  { name: 'logs', summary: 'print the logs of a container', load: () => import('./logs.ts') },
  {
    name: 'import',
    summary: 'turn YAML into a program, and definitions into typed builders',
    load: () => import('./import.ts'),
  },
  { name: 'lsp', summary: 'serve editors: diagnostics, completion and more', load: () => import('./lsp.ts') },
  { name: 'init', summary: 'start a project', load: () => import('./init.ts') },
  { name: 'explain', summary: 'describe a kind or a field', load: () => import('./explain.ts') },
  { name: 'dashboard', summary: 'show a cluster in the browser', load: () => import('./dashboard.ts') },
  { name: 'doctor', summary: 'check what this machine has and lacks', load: () => import('./doctor.ts') },
];
