import { defineEnvironments, webService } from 'kubewright';

const environment = defineEnvironments(
  {
    dev: { size: 'small', hosts: ['dev.shop.example.com'], limits: { cpu: '500m' } },
    prod: { size: 'large', hosts: ['shop.example.com', 'www.example.com'], limits: { cpu: '1' } },
  },
  { default: 'dev', choices: { size: ['small', 'large'] } },
);

const replicas = { small: 1, large: 4 } as const;

export default environment(({ size, hosts, limits }) =>
  webService({
    name: 'shop',
    image: 'ghcr.io/example/shop:2.4.1',
    port: 8080,
    replicas: replicas[size],
    container: { env: [{ name: 'HOSTS', value: hosts.join() }], resources: { limits } },
  }),
);
