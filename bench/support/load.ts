/** The loads that the API server is put under. */
export const loads = [
  ['read', { figure: 'API reads', target: 3000 }],
  ['create', { figure: 'API writes, durable: create', target: 800 }],
  ['update', { figure: 'API writes, durable: update', target: 800 }],
] as const;

export type Load = (typeof loads)[number][0];

export function isLoad(value: unknown): value is Load {
  return loads.some(([load]) => load === value);
}
