/** What a behavior means where it says nothing (autoscaling/v2 defaults). Pure. */
import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from './kinds/generated/autoscaling-v2.gen.ts';

const upRules: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

/** The window of going down is the controller's own. */
const downRules: HPAScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

/** Both directions, complete; undefined where there is no behavior at all, which is another way of scaling. */
export function completeBehavior(
  behavior: HorizontalPodAutoscalerBehavior | undefined,
): HorizontalPodAutoscalerBehavior | undefined {
  if (!behavior) return undefined;
  return { scaleUp: completed(behavior.scaleUp, upRules), scaleDown: completed(behavior.scaleDown, downRules) };
}

function completed(rules: HPAScalingRules | undefined, defaults: HPAScalingRules): HPAScalingRules {
  const set = Object.entries(rules ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return { ...defaults, ...Object.fromEntries(set) };
}
