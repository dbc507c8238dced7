/** What rules of roles say about each other. Pure; read by the API server, the bootstrap and the aggregation of roles. */
import { deepEqual } from '../shared/deep.ts';
import type { ClusterRole, PolicyRule } from './kinds/generated/rbac-v1.gen.ts';
import { matchesLabelSelector } from './label-selector.ts';

/** The rules of a role with an aggregationRule: those of every role that a selector picks, in the order of names, each once. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const picked = all.filter(
      (other) =>
        other.metadata.name !== role.metadata.name && matchesLabelSelector(selector, other.metadata.labels ?? {}),
    );
    for (const other of picked.sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))) {
      for (const rule of other.rules ?? []) if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}

/** The parts of the wanted rules that no rule of the owner covers, each for one verb, group and resource. */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(breakDown).filter((part) => !owned.some((rule) => ruleCovers(rule, part)));
}

function breakDown(rule: PolicyRule): readonly PolicyRule[] {
  const parts: PolicyRule[] = [];
  for (const verb of rule.verbs) {
    for (const url of rule.nonResourceURLs ?? []) parts.push({ verbs: [verb], nonResourceURLs: [url] });
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const part = { verbs: [verb], apiGroups: [group], resources: [resource] };
        const names = rule.resourceNames ?? [];
        if (names.length === 0) parts.push(part);
        for (const name of names) parts.push({ ...part, resourceNames: [name] });
      }
    }
  }
  return parts;
}

/** `part` has at most one entry in each list. */
function ruleCovers(rule: PolicyRule, part: PolicyRule): boolean {
  if (!covers(rule.verbs, part.verbs)) return false;
  const url = part.nonResourceURLs?.[0];
  if (url !== undefined) return (rule.nonResourceURLs ?? []).some((own) => urlCovers(own, url));
  const names = rule.resourceNames ?? [];
  const name = part.resourceNames?.[0];
  return (
    covers(rule.apiGroups, part.apiGroups) &&
    resourceCovers(rule.resources ?? [], part.resources?.[0] ?? '') &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}

function covers(own: readonly string[] | undefined, part: readonly string[] | undefined): boolean {
  return own !== undefined && (own.includes('*') || (part ?? []).every((entry) => own.includes(entry)));
}

function resourceCovers(own: readonly string[], resource: string): boolean {
  if (own.includes('*') || own.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && own.includes(`*${resource.slice(slash)}`);
}

function urlCovers(own: string, url: string): boolean {
  return own === url || (own.endsWith('*') && url.startsWith(own.slice(0, -1)));
}
