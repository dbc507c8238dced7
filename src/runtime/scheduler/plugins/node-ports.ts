import { hostPortsCollide, hostPortsOf } from '../../../types/pod/host-ports.ts';
import { rejected } from '../plugin.ts';
import type { SchedulerPlugin } from '../plugin.ts';

/** One host port serves one pod. */
export const nodePorts: SchedulerPlugin = {
  name: 'NodePorts',
  weight: 0,
  filter(pod, node) {
    const taken = hostPortsOf(pod).some((wanted) => node.hostPorts.some((used) => hostPortsCollide(wanted, used)));
    return taken ? rejected("node(s) didn't have free ports for the requested pod ports", true) : undefined;
  },
};
