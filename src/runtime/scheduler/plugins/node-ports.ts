import { hostPortsOf } from '../node-info.ts';
import type { HostPort } from '../node-info.ts';
import { rejected } from '../plugin.ts';
import type { SchedulerPlugin } from '../plugin.ts';

function collide(a: HostPort, b: HostPort): boolean {
  const anywhere = a.ip === '0.0.0.0' || b.ip === '0.0.0.0';
  return a.port === b.port && a.protocol === b.protocol && (anywhere || a.ip === b.ip);
}

/** One host port serves one pod. */
export const nodePorts: SchedulerPlugin = {
  name: 'NodePorts',
  weight: 0,
  filter(pod, node) {
    const taken = hostPortsOf(pod).some((wanted) => node.hostPorts.some((used) => collide(wanted, used)));
    return taken ? rejected("node(s) didn't have free ports for the requested pod ports", true) : undefined;
  },
};
