import { patched, webService } from 'kubewright';

const shop = webService({ name: 'shop', image: 'ghcr.io/example/shop:2.4.1', port: 8080 });

export default patched(shop, { kind: 'Deployment', name: 'shopp' }, { spec: { replicas: 3 } });
