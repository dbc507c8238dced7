/** Rules of Ingresses (networking validation, ValidateIngressSpec). */
import { isIP } from 'node:net';
import type { IssueSink } from '../field-issue.ts';
import type * as networking from '../kinds/generated/networking-v1.gen.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors, portNameErrors, wildcardSubdomainErrors } from '../names.ts';
import { checkPortNumber, checkPresent, checkSubdomain, isBlank } from './field-checks.ts';
import { invalidEach } from './metadata.ts';

function hostErrors(host: string): readonly string[] {
  return host.includes('*') ? wildcardSubdomainErrors(host) : dns1123SubdomainErrors(host);
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const badSequences = ['//', '/./', '/../', '%2f', '%2F'];
const badSuffixes = ['/..', '/.'];

function checkBackend(backend: networking.IngressBackend | undefined, at: IssueSink): void {
  const { resource, service } = backend ?? {};
  if (resource && service) at.invalid('', 'cannot set both resource and service backends');
  else if (resource) {
    const { apiGroup, kind, name } = resource;
    if (!isBlank(apiGroup)) checkSubdomain(apiGroup, at.at('resource', 'apiGroup'));
    checkPresent(kind, at.at('resource', 'kind'), 'kind is required');
    checkPresent(name, at.at('resource', 'name'), 'name is required');
  } else if (service) {
    if (checkPresent(service.name, at.at('service', 'name'))) {
      invalidEach(at.at('service', 'name'), service.name, dns1035LabelErrors(service.name));
    }
    const { name, number = 0 } = service.port ?? {};
    if (!isBlank(name) && number !== 0) at.invalid('', 'cannot set both port name & port number');
    else if (!isBlank(name)) invalidEach(at.at('service', 'port', 'name'), name, portNameErrors(name));
    else if (number !== 0) checkPortNumber(number, at.at('service', 'port', 'number'));
    else at.required('port name or number is required');
  } else at.invalid('', 'resource or service backend is required');
}

function checkPath(path: networking.HTTPIngressPath, at: IssueSink): void {
  const type: string | undefined = path.pathType;
  const text = path.path ?? '';
  const place = at.at('path');
  if (isBlank(type)) at.at('pathType').required('pathType must be specified');
  else if (type === 'Exact' || type === 'Prefix') {
    if (!text.startsWith('/')) place.invalid(text, 'must be an absolute path');
    for (const sequence of badSequences)
      if (text.includes(sequence)) place.invalid(text, `must not contain '${sequence}'`);
    for (const suffix of badSuffixes) if (text.endsWith(suffix)) place.invalid(text, `cannot end with '${suffix}'`);
  } else if (type === 'ImplementationSpecific') {
    if (text !== '' && !text.startsWith('/')) place.invalid(text, 'must be an absolute path');
  } else at.at('pathType').notSupported(type, pathTypes);
  checkBackend(path.backend, at.at('backend'));
}

export function checkIngressSpec(spec: networking.IngressSpec, at: IssueSink): void {
  const { rules = [], defaultBackend, tls = [] } = spec;
  if (rules.length === 0 && !defaultBackend) {
    at.invalid(rules, 'either `defaultBackend` or `rules` must be specified');
  }
  if (defaultBackend) checkBackend(defaultBackend, at.at('defaultBackend'));
  rules.forEach(({ host, http }, index) => {
    const place = at.at('rules', index);
    if (!isBlank(host)) {
      if (isIP(host) !== 0) place.at('host').invalid(host, 'must be a DNS name, not an IP address');
      invalidEach(place.at('host'), host, hostErrors(host));
    }
    if (!http) return;
    if ((http.paths ?? []).length === 0) place.at('http', 'paths').required();
    http.paths?.forEach((path, p) => checkPath(path, place.at('http', 'paths', p)));
  });
  tls.forEach(({ hosts, secretName }, index) => {
    hosts?.forEach((host, h) => invalidEach(at.at('tls', index, 'hosts', h), host, hostErrors(host)));
    if (!isBlank(secretName)) checkSubdomain(secretName, at.at('tls', index, 'secretName'));
  });
  if (spec.ingressClassName !== undefined) checkSubdomain(spec.ingressClassName, at.at('ingressClassName'));
}
