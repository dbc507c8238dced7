/** What PersistentVolumeClaims use of a quota, in all and by storage class. Pure. */
import type { PersistentVolumeClaim } from '../kinds/generated/core-v1.gen.ts';
import { maxQuantity } from '../quantity.ts';
import type { QuotaMeasure } from './measure.ts';
import { matchesValue } from './pod-usage.ts';

const ofClass = '.storageclass.storage.k8s.io/';

export const claimQuota: QuotaMeasure<PersistentVolumeClaim> = {
  measures: (resource) => resource === 'requests.storage' || resource.includes(ofClass),
  usage({ spec, status }) {
    const storageClass = spec?.storageClassName ?? '';
    const asked = spec?.resources?.requests?.['storage'];
    // While a claim is made smaller again, what it holds already counts.
    const held = status?.allocatedResources?.['storage'];
    const storage = asked === undefined || held === undefined ? asked : maxQuantity(asked, held);
    return {
      ...(storage === undefined ? {} : { 'requests.storage': storage }),
      ...(storageClass === '' ? {} : { [`${storageClass}${ofClass}persistentvolumeclaims`]: '1' }),
      ...(storageClass === '' || storage === undefined
        ? {}
        : { [`${storageClass}${ofClass}requests.storage`]: storage }),
    };
  },
  isInScope({ spec }, { scope, operator, values }) {
    return scope === 'VolumeAttributesClass' && matchesValue(spec?.volumeAttributesClassName ?? '', operator, values);
  },
};
