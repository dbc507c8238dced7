// WordPress with MySQL, each with a disk of its own.
import { deployment, expose, persistentVolumeClaim, secret } from 'kubewright';

const password = secret({ metadata: { name: 'mysql' }, stringData: { password: 'change-me-before-use' } });

function disk(name: string, storage: `${number}Gi`) {
  return persistentVolumeClaim({
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  });
}
const databaseDisk = disk('mysql', '20Gi');
const siteDisk = disk('wordpress', '20Gi');

const database = deployment({
  metadata: { name: 'wordpress-mysql' },
  spec: {
    // Two MySQL servers must never share a disk.
    strategy: { type: 'Recreate' },
    template: {
      spec: {
        volumes: [{ name: 'data', persistentVolumeClaim: databaseDisk.volume() }],
        containers: [
          {
            name: 'mysql',
            image: 'mysql:8.4',
            env: [
              { name: 'MYSQL_ROOT_PASSWORD', valueFrom: password.key('password') },
              { name: 'MYSQL_DATABASE', value: 'wordpress' },
              { name: 'MYSQL_USER', value: 'wordpress' },
              { name: 'MYSQL_PASSWORD', valueFrom: password.key('password') },
            ],
            ports: [{ name: 'mysql', containerPort: 3306 }],
            volumeMounts: [{ name: 'data', mountPath: '/var/lib/mysql' }],
            resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
            readinessProbe: { tcpSocket: { port: 'mysql' }, periodSeconds: 5 },
          },
        ],
      },
    },
  },
});

const site = deployment({
  metadata: { name: 'wordpress' },
  spec: {
    strategy: { type: 'Recreate' },
    template: {
      spec: {
        volumes: [{ name: 'html', persistentVolumeClaim: siteDisk.volume() }],
        containers: [
          {
            name: 'wordpress',
            image: 'wordpress:6.8-apache',
            env: [
              { name: 'WORDPRESS_DB_HOST', value: 'wordpress-mysql' },
              { name: 'WORDPRESS_DB_USER', value: 'wordpress' },
              { name: 'WORDPRESS_DB_PASSWORD', valueFrom: password.key('password') },
            ],
            ports: [{ name: 'http', containerPort: 80 }],
            volumeMounts: [{ name: 'html', mountPath: '/var/www/html' }],
            resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '512Mi' } },
            readinessProbe: { httpGet: { path: '/wp-login.php', port: 'http' }, periodSeconds: 5 },
          },
        ],
      },
    },
  },
});

export default [
  password,
  databaseDisk,
  siteDisk,
  database,
  site,
  expose(database, { clusterIP: 'None' }),
  expose(site, { type: 'LoadBalancer' }),
];
