// A database dump every night; the newest seven are kept.
import { configMap, cronJob, fromFile, persistentVolumeClaim, secret } from 'kubewright';

const credentials = secret({
  metadata: { name: 'database' },
  stringData: { PGHOST: 'postgres', PGUSER: 'backup', PGPASSWORD: 'change-me-before-use', PGDATABASE: 'shop' },
});

const scripts = configMap({ metadata: { name: 'backup' }, data: fromFile('./backup.sh') });

const archive = persistentVolumeClaim({
  metadata: { name: 'backups' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '50Gi' } } },
});

const backup = cronJob({
  metadata: { name: 'backup' },
  spec: {
    schedule: '30 2 * * *',
    timeZone: 'Etc/UTC',
    // A dump that takes longer than a day is looked at, not overtaken.
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds: 3600,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      spec: {
        backoffLimit: 2,
        activeDeadlineSeconds: 7200,
        template: {
          spec: {
            restartPolicy: 'Never',
            volumes: [
              { name: 'scripts', configMap: { ...scripts.ref(), defaultMode: 0o755 } },
              { name: 'archive', persistentVolumeClaim: archive.volume() },
            ],
            containers: [
              {
                name: 'dump',
                image: 'postgres:17',
                command: ['/scripts/backup.sh'],
                envFrom: [{ secretRef: credentials.ref() }],
                volumeMounts: [
                  { name: 'scripts', mountPath: '/scripts', readOnly: true },
                  { name: 'archive', mountPath: '/archive' },
                ],
                resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
              },
            ],
          },
        },
      },
    },
  },
});

export default { credentials, scripts, archive, backup };
