/** Rules of the slices that drivers publish their devices in (resource validation). */
import type { IssueSink } from '../field-issue.ts';
import type * as resource from '../kinds/generated/resource-v1.gen.ts';
import { labelValueErrors, qualifiedNameErrors } from '../names.ts';
import { checkCount, checkDeviceDriver, checkLabel, checkQualifiedIdentifier } from './device-claims.ts';
import { checkOneOf, checkPresent, checkSubdomain } from './field-checks.ts';
import { invalidEach } from './metadata.ts';

const MOST_DEVICES = 128;
const MOST_ATTRIBUTES = 32;
const MOST_COUNTER_SETS = 8;
const MOST_TAINTS = 16;
const MOST_VALUE = 64;

function checkAttribute(attribute: resource.DeviceAttribute, at: IssueSink): void {
  const set = Object.entries(attribute).filter(([, value]) => value !== undefined);
  if (set.length === 0) at.required('exactly one value must be specified');
  if (set.length > 1) at.invalid(attribute, 'exactly one value must be specified');
  for (const [name, value] of set) {
    if (typeof value === 'string' && value.length > MOST_VALUE) at.at(name).tooLong(value, MOST_VALUE);
  }
  const { version } = attribute;
  if (version !== undefined && !/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[\w.-]+)?(\+[\w.-]+)?$/.test(version)) {
    at.at('version').invalid(version, 'must be a string compatible with semver.org spec 2.0.0');
  }
}

function checkTaint(taint: resource.DeviceTaint, at: IssueSink): void {
  if (checkPresent(taint.key, at.at('key'))) invalidEach(at.at('key'), taint.key, qualifiedNameErrors(taint.key));
  if (taint.value !== undefined) invalidEach(at.at('value'), taint.value, labelValueErrors(taint.value));
  checkOneOf(taint.effect, ['NoExecute', 'NoSchedule', 'None'], at.at('effect'));
}

function checkDevice(device: resource.Device, at: IssueSink): void {
  checkLabel(device.name, at.at('name'));
  const { attributes = {}, capacity = {}, taints = [] } = device;
  if (Object.keys(attributes).length + Object.keys(capacity).length > MOST_ATTRIBUTES) {
    const count = Object.keys(attributes).length + Object.keys(capacity).length;
    at.invalid(count, `the total number of attributes and capacities must not exceed ${MOST_ATTRIBUTES}`);
  }
  for (const [key, attribute] of Object.entries(attributes)) {
    checkQualifiedIdentifier(key, false, at.at('attributes', { key }));
    checkAttribute(attribute, at.at('attributes', { key }));
  }
  for (const key of Object.keys(capacity)) checkQualifiedIdentifier(key, false, at.at('capacity', { key }));
  checkCount(taints, MOST_TAINTS, at.at('taints'));
  taints.forEach((taint, index) => checkTaint(taint, at.at('taints', index)));
}

function checkNodes(spec: resource.ResourceSliceSpec, at: IssueSink): void {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = spec;
  const chosen = [
    nodeName !== undefined,
    nodeSelector !== undefined,
    allNodes === true,
    perDeviceNodeSelection === true,
  ];
  const one = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  const count = chosen.filter(Boolean).length;
  if (count === 0) at.required(one);
  if (count > 1) at.invalid(spec, one);
  if (nodeName !== undefined && checkPresent(nodeName, at.at('nodeName'))) checkSubdomain(nodeName, at.at('nodeName'));
}

export function checkSlice(spec: resource.ResourceSliceSpec | undefined, at: IssueSink): void {
  if (!spec) return;
  checkDeviceDriver(spec.driver, at.at('driver'));
  const pool = at.at('pool');
  if (checkPresent(spec.pool?.name, pool.at('name'))) {
    for (const part of spec.pool.name.split('/')) checkSubdomain(part, pool.at('name'));
  }
  const { resourceSliceCount = 0, generation = 0 } = spec.pool ?? {};
  if (resourceSliceCount <= 0) pool.at('resourceSliceCount').invalid(resourceSliceCount, 'must be greater than zero');
  if (generation < 0) pool.at('generation').invalid(generation, 'must be greater than or equal to zero');
  checkNodes(spec, at);
  const { devices = [], sharedCounters = [] } = spec;
  checkCount(devices, MOST_DEVICES, at.at('devices'));
  const names = devices.map(({ name }) => name);
  devices.forEach((device, index) => {
    checkDevice(device, at.at('devices', index));
    if (names.indexOf(device.name) < index) at.at('devices', index, 'name').duplicate(device.name);
  });
  checkCount(sharedCounters, MOST_COUNTER_SETS, at.at('sharedCounters'));
  const sets = sharedCounters.map(({ name }) => name);
  sharedCounters.forEach(({ name, counters }, index) => {
    const place = at.at('sharedCounters', index);
    checkLabel(name, place.at('name'));
    if (sets.indexOf(name) < index) place.at('name').duplicate(name);
    if (Object.keys(counters ?? {}).length === 0) place.at('counters').required();
    for (const key of Object.keys(counters ?? {})) checkLabel(key, place.at('counters', { key }));
  });
}
