/** A port number or name, a count or a percentage: `80`, `"http"`, `"25%"`. */
export type IntOrString = number | string;

export type Rounding = 'up' | 'down';

/** The count that a number or a percentage of `total` stands for (util/intstr GetScaledValueFromIntOrPercent). */
export function scaledValue(value: IntOrString, total: number, rounding: Rounding): number {
  if (typeof value === 'number') return value;
  const percent = percentOf(value);
  if (percent === undefined) throw new RangeError(`invalid value for IntOrString: ${JSON.stringify(value)}`);
  const exact = (percent * total) / 100;
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

/** 25 for `25%`, undefined for anything that is no percentage. */
export function percentOf(value: IntOrString): number | undefined {
  if (typeof value === 'number' || !/^[0-9]+%$/.test(value)) return undefined;
  return Number(value.slice(0, -1));
}
