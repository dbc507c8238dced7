/** The presets for the Pod Security Standards against their controls (kubernetes.io/docs/concepts/security/pod-security-standards). */
import { describe, expect, it } from 'vitest';
import { podExample } from '../../src/lint/rules/example.ts';
import type { PodParts } from '../../src/lint/rules/example.ts';
import { Workspace } from '../../src/lint/workspace.ts';

function refused(
  preset: 'pss-baseline' | 'pss-restricted',
  parts: PodParts,
  kubernetesVersion = '1.36',
): readonly string[] {
  const workspace = new Workspace({ config: { extends: preset, kubernetesVersion } });
  workspace.setFile('pod.yaml', podExample(parts));
  const found = workspace.diagnostics('pod.yaml').filter(({ rule }) => rule.startsWith('security/'));
  return [...new Set(found.map(({ rule, severity }) => `${rule}${severity === 'error' ? '' : ` ${severity}`}`))].sort();
}

const restricted = `allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]`;
const podContext = `runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault`;

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}

/** A pod that the restricted standard admits, with changes. */
function strictPod(container: string, pod = '', spec = '', rest = ''): PodParts {
  return {
    container: `securityContext:\n${indented(container)}\n${rest}`,
    spec: `${spec}\nsecurityContext:\n${indented(`${podContext}\n${pod}`)}`,
  };
}

interface Control {
  readonly name: string;
  readonly parts: PodParts;
  readonly rules: readonly string[];
  /** Without, any of 1.30 to 1.36. */
  readonly version?: string;
}

const context = (text: string): PodParts => ({ container: `securityContext:\n${indented(text)}` });
const podLevel = (text: string): PodParts => ({ spec: `securityContext:\n${indented(text)}` });
const volume = (source: string): PodParts => ({ spec: `volumes:\n  - name: data\n    ${source}` });
const sysctl = (name: string): PodParts => podLevel(`sysctls:\n  - {name: ${name}, value: "1"}`);

const usual =
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT';

const baseline: readonly Control[] = [
  { name: 'a plain pod', parts: {}, rules: [] },
  {
    name: 'host process',
    parts: {
      spec: "os: {name: windows}\nhostNetwork: true\nsecurityContext:\n  windowsOptions: {hostProcess: true, runAsUserName: 'NT AUTHORITY\\SYSTEM'}",
    },
    rules: ['security/host-network', 'security/host-process'],
  },
  { name: 'host network', parts: { spec: 'hostNetwork: true' }, rules: ['security/host-network'] },
  { name: 'host pid', parts: { spec: 'hostPID: true' }, rules: ['security/host-pid'] },
  { name: 'host ipc', parts: { spec: 'hostIPC: true' }, rules: ['security/host-ipc'] },
  { name: 'no host namespaces', parts: { spec: 'hostNetwork: false\nhostPID: false\nhostIPC: false' }, rules: [] },
  { name: 'privileged', parts: context('privileged: true'), rules: ['security/privileged'] },
  { name: 'not privileged', parts: context('privileged: false'), rules: [] },
  { name: 'usual capabilities', parts: context(`capabilities:\n  add: [${usual.replaceAll(' ', ', ')}]`), rules: [] },
  {
    name: 'more capabilities',
    parts: context('capabilities:\n  add: [NET_ADMIN]'),
    rules: ['security/added-capabilities'],
  },
  { name: 'SYS_ADMIN', parts: context('capabilities:\n  add: [SYS_ADMIN]'), rules: ['security/sys-admin'] },
  { name: 'ALL', parts: context('capabilities:\n  add: [ALL]'), rules: ['security/added-capabilities'] },
  { name: 'host path', parts: volume('hostPath: {path: /srv}'), rules: ['security/host-path'] },
  { name: 'network volume', parts: volume('nfs: {server: a.example.com, path: /}'), rules: [] },
  {
    name: 'host port',
    parts: { container: 'ports: [{containerPort: 80, hostPort: 80}]' },
    rules: ['security/host-port'],
  },
  { name: 'host port 0', parts: { container: 'ports: [{containerPort: 80, hostPort: 0}]' }, rules: [] },
  {
    name: 'probe host',
    parts: { container: 'livenessProbe: {httpGet: {host: 10.0.0.1, path: /, port: 80}}' },
    rules: ['security/probe-host'],
    version: '1.34',
  },
  {
    name: 'probe host before it was a control',
    parts: { container: 'livenessProbe: {httpGet: {host: 10.0.0.1, path: /, port: 80}}' },
    rules: [],
    version: '1.33',
  },
  {
    name: 'hook host',
    parts: { container: 'lifecycle: {preStop: {httpGet: {host: a.example.com, path: /, port: 80}}}' },
    rules: ['security/probe-host'],
    version: '1.36',
  },
  { name: 'AppArmor runtime', parts: podLevel('appArmorProfile: {type: RuntimeDefault}'), rules: [] },
  {
    name: 'AppArmor local',
    parts: podLevel('appArmorProfile: {type: Localhost, localhostProfile: web}'),
    rules: [],
  },
  { name: 'AppArmor off', parts: podLevel('appArmorProfile: {type: Unconfined}'), rules: ['security/apparmor'] },
  {
    name: 'AppArmor off by annotation',
    parts: { metadata: 'annotations:\n  container.apparmor.security.beta.kubernetes.io/web: unconfined' },
    rules: ['security/apparmor'],
  },
  ...['container_t', 'container_init_t', 'container_kvm_t'].map((type) => ({
    name: `SELinux ${type}`,
    parts: podLevel(`seLinuxOptions: {type: ${type}}`),
    rules: [],
  })),
  { name: 'SELinux engine', parts: podLevel('seLinuxOptions: {type: container_engine_t}'), rules: [], version: '1.31' },
  {
    name: 'SELinux engine before 1.31',
    parts: podLevel('seLinuxOptions: {type: container_engine_t}'),
    rules: ['security/selinux'],
    version: '1.30',
  },
  { name: 'SELinux type', parts: context('seLinuxOptions: {type: spc_t}'), rules: ['security/selinux'] },
  { name: 'SELinux user', parts: context('seLinuxOptions: {user: root}'), rules: ['security/selinux'] },
  { name: 'SELinux role', parts: podLevel('seLinuxOptions: {role: admin}'), rules: ['security/selinux'] },
  {
    name: 'unmasked /proc',
    parts: { container: 'securityContext: {procMount: Unmasked}', spec: 'hostUsers: false' },
    rules: ['security/proc-mount'],
    version: '1.34',
  },
  {
    name: 'unmasked /proc with users of its own',
    parts: { container: 'securityContext: {procMount: Unmasked}', spec: 'hostUsers: false' },
    rules: [],
    version: '1.35',
  },
  {
    name: 'seccomp off',
    parts: podLevel('seccompProfile: {type: Unconfined}'),
    rules: ['security/seccomp-unconfined'],
  },
  {
    name: 'seccomp off for a container',
    parts: context('seccompProfile: {type: Unconfined}'),
    rules: ['security/seccomp-unconfined'],
  },
  ...[
    'kernel.shm_rmid_forced',
    'net.ipv4.ip_local_port_range',
    'net.ipv4.ip_unprivileged_port_start',
    'net.ipv4.tcp_syncookies',
    'net.ipv4.ping_group_range',
    'net.ipv4.ip_local_reserved_ports',
    'net.ipv4.tcp_keepalive_time',
    'net.ipv4.tcp_fin_timeout',
    'net.ipv4.tcp_keepalive_intvl',
    'net.ipv4.tcp_keepalive_probes',
  ].map((name) => ({ name: `sysctl ${name}`, parts: sysctl(name), rules: [] })),
  { name: 'sysctl of 1.32', parts: sysctl('net.ipv4.tcp_rmem'), rules: [], version: '1.32' },
  {
    name: 'sysctl before 1.32',
    parts: sysctl('net.ipv4.tcp_wmem'),
    rules: ['security/sysctls'],
    version: '1.31',
  },
  { name: 'unsafe sysctl', parts: sysctl('kernel.msgmax'), rules: ['security/sysctls'] },
];

const restrictedControls: readonly Control[] = [
  { name: 'the least', parts: strictPod(restricted), rules: [] },
  {
    name: 'a plain pod',
    parts: {},
    rules: [
      'security/allow-escalation',
      'security/capabilities-not-dropped',
      'security/run-as-non-root',
      'security/seccomp-missing',
    ],
  },
  ...[
    'configMap: {name: a}',
    'csi: {driver: a.example.com}',
    'downwardAPI: {items: []}',
    'emptyDir: {}',
    'ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}',
    'persistentVolumeClaim: {claimName: a}',
    'projected: {sources: []}',
    'secret: {secretName: a}',
    'image: {reference: registry.example.com/a:1}',
  ].map((source) => ({
    name: `volume ${source}`,
    parts: strictPod(restricted, '', `volumes:\n  - name: data\n    ${source}`),
    rules: [],
  })),
  ...['nfs: {server: a, path: /}', 'iscsi: {targetPortal: a, iqn: "iqn.2001-04.com.example:a", lun: 0}'].map(
    (source) => ({
      name: `volume ${source}`,
      parts: strictPod(restricted, '', `volumes:\n  - name: data\n    ${source}`),
      rules: ['security/volume-types'],
    }),
  ),
  {
    name: 'escalation',
    parts: strictPod(restricted.replace('false', 'true')),
    rules: ['security/allow-escalation'],
  },
  {
    name: 'pod as root although its container is not',
    parts: {
      container: `securityContext:\n${indented(`runAsNonRoot: true\n${restricted}`)}`,
      spec: `securityContext:\n${indented(podContext.replace('true', 'false'))}`,
    },
    rules: ['security/run-as-non-root'],
  },
  {
    name: 'container as root',
    parts: strictPod(`runAsNonRoot: false\n${restricted}`),
    rules: ['security/run-as-non-root'],
  },
  { name: 'user 0', parts: strictPod(`runAsUser: 0\n${restricted}`), rules: ['security/run-as-root'] },
  { name: 'user 0 of the pod', parts: strictPod(restricted, 'runAsUser: 0'), rules: ['security/run-as-root'] },
  { name: 'another user', parts: strictPod(`runAsUser: 1000\n${restricted}`), rules: [] },
  {
    name: 'root in a user namespace of its own',
    parts: strictPod(`runAsUser: 0\n${restricted}`, '', 'hostUsers: false'),
    rules: [],
    version: '1.35',
  },
  {
    name: 'root in a user namespace of its own before 1.35',
    parts: strictPod(`runAsUser: 0\n${restricted}`, '', 'hostUsers: false'),
    rules: ['security/run-as-root'],
    version: '1.34',
  },
  {
    name: 'capability kept',
    parts: strictPod(restricted.replace('ALL', 'NET_RAW')),
    rules: ['security/capabilities-not-dropped'],
  },
  { name: 'NET_BIND_SERVICE back', parts: strictPod(`${restricted}\n  add: [NET_BIND_SERVICE]`), rules: [] },
  {
    name: 'another back',
    parts: strictPod(`${restricted}\n  add: [CHOWN]`),
    rules: ['security/capabilities-not-dropped'],
  },
  {
    name: 'Windows',
    parts: { spec: 'os: {name: windows}\nsecurityContext: {runAsNonRoot: true}' },
    rules: [],
  },
  {
    name: 'Windows as administrator',
    parts: { spec: 'os: {name: windows}' },
    rules: ['security/run-as-non-root'],
  },
];

describe('pss-baseline', () => {
  it.each(baseline.map((control) => [control.name, control] as const))('%s', (_name, { parts, rules, version }) => {
    for (const one of version === undefined ? ['1.30', '1.36'] : [version]) {
      // A sysctl that 1.30 does not know is a control of its own above.
      expect(refused('pss-baseline', parts, one)).toEqual(rules);
    }
  });
});

describe('pss-restricted', () => {
  it.each(restrictedControls.map((control) => [control.name, control] as const))(
    '%s',
    (_name, { parts, rules, version }) => {
      expect(refused('pss-restricted', parts, version)).toEqual(rules);
    },
  );

  it('holds the baseline too', () => {
    for (const { parts, rules, version } of baseline) {
      expect(refused('pss-restricted', parts, version)).toEqual(expect.arrayContaining([...rules]));
    }
  });
});
