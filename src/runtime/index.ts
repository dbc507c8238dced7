/** The runtime as a library: a cluster for people's own integration tests, and for the daemon. */
export { startCluster, removeCluster, removeRemoteState } from './cluster.ts';
export type { Cluster, ClusterOptions } from './cluster.ts';
export type { ApiClient, ResourceClient } from './client/api-client.ts';
