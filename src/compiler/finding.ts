/** How bad a finding is, and which layer of the checks it is of. */
export type FindingLayer = 'syntax' | 'identity' | 'structure' | 'api';
export type Severity = 'error' | 'warning' | 'info';
