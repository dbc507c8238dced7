// Redis with a disk per replica; the first one writes, the others follow it.
import { configMap, disruptionBudget, expose, fromFile, statefulSet, withConfigHash } from 'kubewright';

const settings = configMap({ metadata: { name: 'redis' }, data: fromFile('./redis.conf') });

const redis = withConfigHash(
  statefulSet({
    metadata: { name: 'redis' },
    spec: {
      serviceName: 'redis',
      replicas: 3,
      template: {
        spec: {
          terminationGracePeriodSeconds: 30,
          volumes: [{ name: 'settings', configMap: settings.ref() }],
          containers: [
            {
              name: 'redis',
              image: 'redis:8.2',
              command: ['sh', '-c'],
              args: [
                `if [ "$HOSTNAME" = redis-0 ]; then exec redis-server /etc/redis/redis.conf
else exec redis-server /etc/redis/redis.conf --replicaof redis-0.redis 6379
fi`,
              ],
              ports: [{ name: 'redis', containerPort: 6379 }],
              volumeMounts: [
                { name: 'settings', mountPath: '/etc/redis', readOnly: true },
                { name: 'data', mountPath: '/data' },
              ],
              resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
              readinessProbe: { exec: { command: ['redis-cli', 'ping'] }, periodSeconds: 5 },
              livenessProbe: { tcpSocket: { port: 'redis' }, initialDelaySeconds: 15 },
            },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  }),
  settings,
);

export default [settings, redis, expose(redis, { clusterIP: 'None' }), disruptionBudget(redis, { minAvailable: 2 })];
