/** Rules of security contexts, of pods and of containers. */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { dns1123SubdomainErrors } from '../names.ts';
import {
  checkOneOf,
  checkOptionalOneOf,
  checkPresent,
  checkRange,
  checkRelativePath,
  isBlank,
  MAX_INT32,
} from '../validation/field-checks.ts';
import { invalidEach } from '../validation/metadata.ts';

function checkId(id: number | undefined, at: IssueSink): void {
  checkRange(id, 0, MAX_INT32, at);
}

function checkSeccomp(profile: core.SeccompProfile | undefined, at: IssueSink): void {
  if (!profile) return;
  const file = profile.localhostProfile;
  if (!checkPresent(profile.type, at.at('type'), 'type is required when seccompProfile is set')) return;
  checkOneOf(profile.type, ['Localhost', 'RuntimeDefault', 'Unconfined'], at.at('type'));
  if (profile.type === 'Localhost') {
    if (isBlank(file)) at.at('localhostProfile').required('must be set when seccomp type is Localhost');
    else checkRelativePath(file, at.at('localhostProfile'));
  } else if (file !== undefined) {
    at.at('localhostProfile').invalid(profile, 'can only be set when seccomp type is Localhost');
  }
}

function checkAppArmor(profile: core.AppArmorProfile | undefined, at: IssueSink): void {
  if (!profile) return;
  const file = profile.localhostProfile;
  if (!checkPresent(profile.type, at.at('type'), 'type is required when appArmorProfile is set')) return;
  checkOneOf(profile.type, ['Localhost', 'RuntimeDefault', 'Unconfined'], at.at('type'));
  if (profile.type !== 'Localhost') {
    if (file !== undefined) at.at('localhostProfile').invalid(file, 'can only be set when AppArmor type is Localhost');
    return;
  }
  if (isBlank(file?.trim())) at.at('localhostProfile').required('must be set when AppArmor type is Localhost');
  else if (file !== undefined && file !== file.trim()) {
    at.at('localhostProfile').invalid(file, 'must not be padded with whitespace');
  } else if ((file ?? '').length > 4095) at.at('localhostProfile').tooLong(file, 4095);
}

const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const windowsDns = /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*$/;

function userNameError(name: string): string | undefined {
  if (name === '') return 'runAsUserName cannot be an empty string';
  // eslint is right about control characters elsewhere; here they are what is looked for.
  if ([...name].some((character) => character < ' ' || character === '\u007f')) {
    return 'runAsUserName cannot contain control characters';
  }
  const parts = name.split('\\');
  if (parts.length > 2) return 'runAsUserName cannot contain more than one backslash';
  const [user = '', domain] = [parts.at(-1), parts.length === 2 ? parts[0] : undefined];
  if (domain !== undefined) {
    if (domain.length >= 256) return "runAsUserName's Domain length must be under 256 characters";
    if (!netBios.test(domain) && !windowsDns.test(domain)) {
      return "runAsUserName's Domain doesn't match the NetBios nor the DNS format";
    }
  }
  if (user === '') return "runAsUserName's User cannot be empty";
  if (user.length > 104) return "runAsUserName's User length must not be longer than 104 characters";
  if (/^[. ]+$/.test(user)) return "runAsUserName's User cannot contain only periods or spaces";
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    return 'runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]';
  }
  return undefined;
}

function checkWindows(options: core.WindowsSecurityContextOptions | undefined, at: IssueSink): void {
  if (!options) return;
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  if (name !== undefined) invalidEach(at.at('gmsaCredentialSpecName'), name, dns1123SubdomainErrors(name));
  if (spec !== undefined) {
    if (spec === '') at.at('gmsaCredentialSpec').invalid(spec, 'gmsaCredentialSpec cannot be an empty string');
    else if (spec.length > 65_536) {
      at.at('gmsaCredentialSpec').invalid(spec, 'gmsaCredentialSpec size must be under 64 KiB');
    }
  }
  const wrong = user === undefined ? undefined : userNameError(user);
  if (wrong !== undefined) at.at('runAsUserName').invalid(user, wrong);
}

export function checkSecurityContext(context: core.SecurityContext | undefined, at: IssueSink): void {
  if (!context) return;
  checkId(context.runAsUser, at.at('runAsUser'));
  checkId(context.runAsGroup, at.at('runAsGroup'));
  checkSeccomp(context.seccompProfile, at.at('seccompProfile'));
  checkOptionalOneOf(context.procMount, ['Default', 'Unmasked'], at.at('procMount'));
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged === true) {
      at.invalid(context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true');
    }
    if ((context.capabilities?.add ?? []).includes('CAP_SYS_ADMIN')) {
      at.invalid(context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN');
    }
  }
  checkWindows(context.windowsOptions, at.at('windowsOptions'));
  checkAppArmor(context.appArmorProfile, at.at('appArmorProfile'));
}

const sysctlSegment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctlFormat = `(${sysctlSegment}[\\./])*${sysctlSegment}`;
const sysctlPattern = new RegExp(`^${sysctlFormat}$`);

function checkSysctls(spec: core.PodSpec, sysctls: readonly core.Sysctl[], at: IssueSink): void {
  const seen = new Set<string>();
  sysctls.forEach(({ name }, index) => {
    const place = at.at(index, 'name');
    if (isBlank(name)) place.required();
    else if (name.length > 253 || !sysctlPattern.test(name)) {
      place.invalid(name, `must have at most 253 characters and match regex ${sysctlFormat}`);
    } else if (seen.has(name)) place.duplicate(name);
    const plain = (name ?? '').replaceAll('/', '.');
    if (spec.hostNetwork === true && plain.startsWith('net.')) {
      place.invalid(name, "may not be specified when 'hostNetwork' is true");
    }
    if (spec.hostIPC === true && (/^kernel\.(shm|msg|sem)/.test(plain) || plain.startsWith('fs.mqueue.'))) {
      place.invalid(name, "may not be specified when 'hostIPC' is true");
    }
    seen.add(name);
  });
}

/** `at` is the pod's spec: shareProcessNamespace is reported below securityContext, where upstream keeps it. */
export function checkPodSecurityContext(spec: core.PodSpec, at: IssueSink): void {
  const place = at.at('securityContext');
  const context = spec.securityContext;
  if (context) {
    checkId(context.fsGroup, place.at('fsGroup'));
    checkId(context.runAsUser, place.at('runAsUser'));
    checkId(context.runAsGroup, place.at('runAsGroup'));
    context.supplementalGroups?.forEach((group, index) => checkId(group, place.at('supplementalGroups', index)));
  }
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    place.at('shareProcessNamespace').invalid(true, 'ShareProcessNamespace and HostPID cannot both be enabled');
  }
  if (!context) return;
  if (context.sysctls) checkSysctls(spec, context.sysctls, place.at('sysctls'));
  checkOptionalOneOf(context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], place.at('fsGroupChangePolicy'));
  checkSeccomp(context.seccompProfile, place.at('seccompProfile'));
  checkWindows(context.windowsOptions, place.at('windowsOptions'));
  checkAppArmor(context.appArmorProfile, place.at('appArmorProfile'));
  checkOptionalOneOf(context.supplementalGroupsPolicy, ['Merge', 'Strict'], place.at('supplementalGroupsPolicy'));
  checkOptionalOneOf(context.seLinuxChangePolicy, ['MountOption', 'Recursive'], place.at('seLinuxChangePolicy'));
}
