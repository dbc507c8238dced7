/** A Kubernetes quantity: `100m`, `1Gi`, `1e3`, or a plain number. */
export type Quantity = string | number;
