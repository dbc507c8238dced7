/** Helpers above the builders: functions on plain objects, which invent no defaults. */
export { scheduledTask, statefulDatabase, webService, worker } from './components.ts';
export type {
  Database,
  DatabaseOptions,
  ScheduledTaskOptions,
  WebService,
  WebServiceOptions,
  WorkerOptions,
} from './components.ts';
export type { ComponentOptions } from './component-options.ts';
export { expose } from './expose.ts';
export type { Exposed, ExposedByIngress, ExposedPort, ExposedRoute, ExposeOptions } from './expose.ts';
export { autoscale, disruptionBudget } from './scaling.ts';
export type { AutoscaleOptions, DisruptionBudgetOptions } from './scaling.ts';
export { isolate } from './isolate.ts';
export type { IsolateOptions } from './isolate.ts';
export { configDataFrom, fromDirectory, fromFile, withConfigHash } from './files.ts';
export type { ConfigData, DirectoryOptions, FileOptions } from './files.ts';
export { image } from './image.ts';
export type { BuiltImage, ImageOptions } from './image.ts';
export { labelled, namespaced } from './groups.ts';
export type { LabelledOptions } from './groups.ts';
export { prefixed } from './prefix.ts';
export { patched } from './patched.ts';
export type { MergePatch, Patch, PatchTarget } from './patched.ts';
export type { JsonPatchOperation } from './json-patch.ts';
export { UnmatchedPatch } from './strategic-merge.ts';
export { defineEnvironments } from './environments.ts';
export type { EnvironmentProgram, EnvironmentsOptions, Parameter } from './environments.ts';
export { fromHelm, fromKustomize, fromYaml } from './material.ts';
export type { HelmOptions, KustomizeOptions } from './material.ts';
export type { Group, Objects } from './rebuilt.ts';
export type { Labels, Workload } from './workload.ts';
