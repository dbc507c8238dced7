/** The pod that a job creates. Pure. */
import type { Container } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Job } from '../../../types/kinds/batch/job.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { podFromTemplate } from '../framework/pod-template.ts';
import {
  completionIndexKey,
  failureCountKey,
  ignoredFailureCountKey,
  indexFailures,
  trackingFinalizer,
} from './job-pods.ts';
import { judgeFailure } from './policies.ts';

const indexVariable = 'JOB_COMPLETION_INDEX';
/** Room for the five random characters in a name of 63. */
const longestPrefix = 58;

/**
 * @param index completion index; undefined where the job has none
 * @param predecessor with backoffLimitPerIndex, the last failed pod of that index
 */
export function newPod(job: Persisted<Job>, index: number | undefined, predecessor: Pod | undefined): Pod {
  const pod = podFromTemplate(job.spec?.template, job);
  const { metadata, spec } = pod;
  const finalizers = [...new Set([...(metadata.finalizers ?? []), trackingFinalizer])];
  if (index === undefined || !spec) return { ...pod, metadata: { ...metadata, finalizers } };
  const { name } = job.metadata;
  return {
    ...pod,
    metadata: {
      ...metadata,
      finalizers,
      generateName: prefixFor(name, index),
      labels: { ...metadata.labels, [completionIndexKey]: `${index}` },
      annotations: { ...metadata.annotations, [completionIndexKey]: `${index}`, ...failureCounts(job, predecessor) },
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: spec.containers.map(withIndexVariable),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(withIndexVariable) }),
    },
  };
}

function prefixFor(name: string, index: number): string {
  const suffix = `-${index}-`;
  return `${name.slice(0, longestPrefix - suffix.length)}${suffix}`;
}

function withIndexVariable(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === indexVariable)) return container;
  const fieldPath = `metadata.labels['${completionIndexKey}']`;
  return {
    ...container,
    env: [...env, { name: indexVariable, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } }],
  };
}

/** The successor takes over how often its index has failed, itself not included. */
function failureCounts(job: Job, predecessor: Pod | undefined): Readonly<Record<string, string>> {
  if (job.spec?.backoffLimitPerIndex === undefined) return {};
  if (!predecessor) return { [failureCountKey]: '0' };
  const { counted, ignored } = indexFailures(predecessor);
  const counts = judgeFailure(job, predecessor).counts;
  const ignoredNow = ignored + (counts ? 0 : 1);
  return {
    [failureCountKey]: `${counted + (counts ? 1 : 0)}`,
    ...(ignoredNow === 0 ? {} : { [ignoredFailureCountKey]: `${ignoredNow}` }),
  };
}
