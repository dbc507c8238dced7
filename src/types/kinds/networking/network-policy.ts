import { isIP } from 'node:net';
import type { IssueSink } from '../../field-issue.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, selectorText, textColumn } from '../../table.ts';
import { checkCIDR, checkOneOf, checkPort, isCIDR } from '../../validation/field-checks.ts';
import { checkLabelSelector } from '../../validation/label-selector.ts';
import type * as networking_v1 from '../generated/networking-v1.gen.ts';

export type NetworkPolicy = networking_v1.NetworkPolicy;

function bitsOf(cidr: string): { readonly bits: bigint; readonly prefix: number; readonly width: number } {
  const [address = '', prefix = '0'] = cidr.split('/');
  if (isIP(address) === 4) {
    const bits = address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
    return { bits, prefix: Number(prefix), width: 32 };
  }
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return {
    bits: groups.reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n),
    prefix: Number(prefix),
    width: 128,
  };
}

function isStrictSubset(inner: string, outer: string): boolean {
  const [a, b] = [bitsOf(inner), bitsOf(outer)];
  const shift = BigInt(b.width - b.prefix);
  return a.width === b.width && a.prefix > b.prefix && a.bits >> shift === b.bits >> shift;
}

function checkBlock(block: networking_v1.IPBlock, at: IssueSink): void {
  if ((block.cidr ?? '') === '') {
    at.at('cidr').required();
    return;
  }
  checkCIDR(block.cidr, at.at('cidr'));
  block.except?.forEach((except, index) => {
    checkCIDR(except, at.at('except', index));
    if (!isCIDR(except) || !isCIDR(block.cidr) || isStrictSubset(except, block.cidr)) return;
    at.at('except', index).invalid(except, 'must be a strict subset of `cidr`');
  });
}

function checkPeer(peer: networking_v1.NetworkPolicyPeer, at: IssueSink): void {
  const others = (peer.podSelector ? 1 : 0) + (peer.namespaceSelector ? 1 : 0);
  checkLabelSelector(peer.podSelector, at.at('podSelector'));
  checkLabelSelector(peer.namespaceSelector, at.at('namespaceSelector'));
  if (peer.ipBlock) checkBlock(peer.ipBlock, at.at('ipBlock'));
  if (peer.ipBlock && others > 0) at.forbidden('may not specify both ipBlock and another peer');
  else if (!peer.ipBlock && others === 0) at.required('must specify a peer');
}

function checkPolicyPort(port: networking_v1.NetworkPolicyPort, at: IssueSink): void {
  checkOneOf(port.protocol, ['TCP', 'UDP', 'SCTP'], at.at('protocol'));
  if (port.port !== undefined) checkPort(port.port, at.at('port'));
  if (port.endPort === undefined) return;
  if (port.port === undefined)
    at.at('endPort').invalid(port.endPort, 'may not be specified when `port` is not specified');
  else if (typeof port.port === 'string')
    at.at('endPort').invalid(port.endPort, 'may not be specified when `port` is non-numeric');
  else if (port.endPort < port.port) at.at('endPort').invalid(port.endPort, 'must be greater than or equal to `port`');
}

export const NetworkPolicy = defineKind<NetworkPolicy>('networking.k8s.io/v1', 'NetworkPolicy', {
  shortNames: ['netpol'],
  hasGeneration: true,
  columns: columnsOf<NetworkPolicy>([textColumn('Pod-Selector', ({ spec }) => selectorText(spec?.podSelector))]),
  validated: true,
  unrealized: ['spec'],
  example: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'database' },
    spec: {
      podSelector: { matchLabels: { app: 'database' } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 5432 }] }],
    },
  },
  applyDefaults({ spec }) {
    if (!spec) return;
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    }
    if ((spec.policyTypes ?? []).length === 0)
      spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate({ spec }, issues) {
    const at = issues.at('spec');
    checkLabelSelector(spec?.podSelector, at.at('podSelector'));
    spec?.ingress?.forEach((rule, index) => {
      rule.ports?.forEach((port, p) => checkPolicyPort(port, at.at('ingress', index, 'ports', p)));
      rule.from?.forEach((peer, p) => checkPeer(peer, at.at('ingress', index, 'from', p)));
    });
    spec?.egress?.forEach((rule, index) => {
      rule.ports?.forEach((port, p) => checkPolicyPort(port, at.at('egress', index, 'ports', p)));
      rule.to?.forEach((peer, p) => checkPeer(peer, at.at('egress', index, 'to', p)));
    });
    const types: readonly string[] = spec?.policyTypes ?? [];
    if (types.length > 2) at.at('policyTypes').invalid(types, 'may not specify more than two policyTypes');
    else types.forEach((type, index) => checkOneOf(type, ['Ingress', 'Egress'], at.at('policyTypes', index)));
  },
});
