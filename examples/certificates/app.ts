// Custom resources with types. Made by: kubewright import certificates.crd.yaml -o certificates.ts
import { deployment, expose, fromYaml } from 'kubewright';
import { certificate } from './certificates.ts';

const host = 'shop.example.com';

const shopCertificate = certificate({
  metadata: { name: 'shop' },
  spec: {
    secretName: 'shop-tls',
    issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer' },
    dnsNames: [host, `www.${host}`],
    duration: '2160h',
    privateKey: { algorithm: 'ECDSA', size: 256 },
    usages: ['server auth'],
  },
});

const shop = deployment({
  metadata: { name: 'shop' },
  spec: {
    replicas: 2,
    template: {
      spec: {
        containers: [
          {
            name: 'shop',
            image: 'nginx:1.29',
            ports: [{ name: 'http', containerPort: 80 }],
            resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '64Mi' } },
            readinessProbe: { httpGet: { path: '/', port: 'http' } },
          },
        ],
      },
    },
  },
});

export default [
  await fromYaml('./certificates.crd.yaml'),
  shopCertificate,
  shop,
  expose(shop, { ingress: { host, tls: shopCertificate.spec?.secretName ?? 'shop-tls' } }),
];
