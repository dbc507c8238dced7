/** Rules of dynamic resource allocation (resource validation, KEP-4381); expressions are only looked for. */
import type { IssueSink } from '../field-issue.ts';
import type * as resource from '../kinds/generated/resource-v1.gen.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, identifierErrors } from '../names.ts';
import { checkOptionalOneOf, checkPresent, isBlank } from './field-checks.ts';
import { invalidEach } from './metadata.ts';

const limits = { selectors: 32, requests: 32, constraints: 32, configs: 32, tolerations: 16, firstAvailable: 8 };
const MOST_PARAMETER_BYTES = 10 * 1024;
const MOST_EXPRESSION_BYTES = 10 * 1024;

export function checkCount(list: readonly unknown[] | undefined, limit: number, at: IssueSink): void {
  if ((list ?? []).length > limit) at.tooMany(list?.length ?? 0, limit);
}

export function checkLabel(name: string | undefined, at: IssueSink): void {
  if (checkPresent(name, at)) invalidEach(at, name, dns1123LabelErrors(name));
}

/** A driver's name: a DNS subdomain of at most 63 characters. */
export function checkDeviceDriver(name: string | undefined, at: IssueSink): void {
  if (!checkPresent(name, at)) return;
  if (name.length > 63) at.tooLong(name, 63);
  invalidEach(at, name, dns1123SubdomainErrors(name));
}

/** `domain/identifier`, or the identifier alone where the driver is the domain. */
export function checkQualifiedIdentifier(name: string, needsDomain: boolean, at: IssueSink): void {
  if (!checkPresent(name, at, 'name required')) return;
  const [first = '', second, ...rest] = name.split('/');
  if (rest.length > 0 || (second === undefined && needsDomain)) {
    at.invalid(name, 'must be a fully qualified name of the form <domain>/<C identifier>');
    return;
  }
  const identifier = second ?? first;
  if (second !== undefined) {
    if (first === '') at.required('the domain must not be empty');
    else checkDeviceDriver(first, at);
  }
  if (identifier === '') at.required('the name must not be empty');
  else invalidEach(at, identifier, identifierErrors(identifier));
  if (identifier.length > 32) at.tooLong(identifier, 32);
}

export function checkSelectors(selectors: readonly resource.DeviceSelector[] | undefined, at: IssueSink): void {
  checkCount(selectors, limits.selectors, at);
  selectors?.forEach(({ cel }, index) => {
    const place = at.at(index, 'cel');
    if (!cel) place.required();
    else if (isBlank(cel.expression)) place.at('expression').required();
    else if (Buffer.byteLength(cel.expression) > MOST_EXPRESSION_BYTES) {
      place.at('expression').tooLong('', MOST_EXPRESSION_BYTES);
    }
  });
}

export function checkOpaque(opaque: resource.OpaqueDeviceConfiguration | undefined, at: IssueSink): void {
  if (!opaque) {
    at.required('exactly one field must be specified');
    return;
  }
  checkDeviceDriver(opaque.driver, at.at('driver'));
  if (opaque.parameters === undefined) at.at('parameters').required();
  else if (Buffer.byteLength(JSON.stringify(opaque.parameters)) > MOST_PARAMETER_BYTES) {
    at.at('parameters').tooLong('', MOST_PARAMETER_BYTES);
  }
}

export function checkConfigs(configs: readonly resource.DeviceClassConfiguration[] | undefined, at: IssueSink): void {
  checkCount(configs, limits.configs, at);
  configs?.forEach(({ opaque }, index) => checkOpaque(opaque, at.at(index, 'opaque')));
}

function checkToleration(toleration: resource.DeviceToleration, at: IssueSink): void {
  const { key, operator, value, effect } = toleration;
  if (operator === 'Exists') {
    if (!isBlank(value)) at.at('value').invalid(value, 'must be empty for operator `Exists`');
  } else if (isBlank(operator)) at.at('operator').required();
  else if (operator !== 'Equal') at.at('operator').notSupported(operator, ['Equal', 'Exists']);
  if (isBlank(key) && operator !== 'Exists')
    at.at('operator').invalid(operator, 'must be `Exists` when `key` is empty');
  if (!isBlank(effect)) checkOptionalOneOf(effect, ['NoExecute', 'NoSchedule', 'None'], at.at('effect'));
}

function checkWanted(wanted: resource.ExactDeviceRequest | resource.DeviceSubRequest, at: IssueSink): void {
  const { deviceClassName, allocationMode: mode, count = 0 } = wanted;
  if (checkPresent(deviceClassName, at.at('deviceClassName'))) {
    invalidEach(at.at('deviceClassName'), deviceClassName, dns1123SubdomainErrors(deviceClassName));
  }
  checkSelectors(wanted.selectors, at.at('selectors'));
  if (mode === 'All') {
    if (count !== 0) at.at('count').invalid(count, "must not be specified when allocationMode is 'All'");
  } else if (mode === 'ExactCount') {
    if (count <= 0) at.at('count').invalid(count, 'must be greater than zero');
  } else at.at('allocationMode').notSupported(mode ?? '', ['All', 'ExactCount']);
  checkCount(wanted.tolerations, limits.tolerations, at.at('tolerations'));
  wanted.tolerations?.forEach((toleration, index) => checkToleration(toleration, at.at('tolerations', index)));
}

/** The request's name, and those of its alternatives as `request/alternative`. */
function namesOf({ name, firstAvailable }: resource.DeviceRequest): readonly string[] {
  return [name, ...(firstAvailable ?? []).map((each) => `${name}/${each.name}`)];
}

function checkRequest(request: resource.DeviceRequest, at: IssueSink): void {
  checkLabel(request.name, at.at('name'));
  const { exactly, firstAvailable = [] } = request;
  if (exactly && firstAvailable.length > 0) {
    at.invalid(request, 'exactly one of `exactly` or `firstAvailable` is required');
  } else if (exactly) checkWanted(exactly, at.at('exactly'));
  else if (firstAvailable.length === 0) at.required('exactly one of `exactly` or `firstAvailable` is required');
  checkCount(firstAvailable, limits.firstAvailable, at.at('firstAvailable'));
  const names = firstAvailable.map(({ name }) => name);
  firstAvailable.forEach((each, index) => {
    const place = at.at('firstAvailable', index);
    checkLabel(each.name, place.at('name'));
    if (names.indexOf(each.name) < index) place.at('name').duplicate(each.name);
    checkWanted(each, place);
  });
}

function checkRequestNames(names: readonly string[] | undefined, known: readonly string[], at: IssueSink): void {
  checkCount(names, limits.requests, at);
  names?.forEach((name, index) => {
    if (names.indexOf(name) < index) at.at(index).duplicate(name);
    if (!known.includes(name)) {
      at.at(index).invalid(
        name,
        "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
      );
    }
  });
}

export function checkClaim(spec: resource.ResourceClaimSpec | undefined, at: IssueSink): void {
  const { requests = [], constraints = [], config = [] } = spec?.devices ?? {};
  const devices = at.at('devices');
  checkCount(requests, limits.requests, devices.at('requests'));
  const own = requests.map(({ name }) => name);
  requests.forEach((request, index) => {
    const place = devices.at('requests', index);
    checkRequest(request, place);
    if (own.indexOf(request.name) < index) place.at('name').duplicate(request.name);
  });
  const known = requests.flatMap(namesOf);
  checkCount(constraints, limits.constraints, devices.at('constraints'));
  constraints.forEach(({ requests: names, matchAttribute, distinctAttribute }, index) => {
    const place = devices.at('constraints', index);
    checkRequestNames(names, known, place.at('requests'));
    if (matchAttribute !== undefined) checkQualifiedIdentifier(matchAttribute, true, place.at('matchAttribute'));
    else if (distinctAttribute !== undefined) {
      checkQualifiedIdentifier(distinctAttribute, true, place.at('distinctAttribute'));
    } else place.required('exactly one field must be specified');
  });
  checkCount(config, limits.configs, devices.at('config'));
  config.forEach(({ requests: names, opaque }, index) => {
    const place = devices.at('config', index);
    checkRequestNames(names, known, place.at('requests'));
    checkOpaque(opaque, place.at('opaque'));
  });
}
