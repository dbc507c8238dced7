/** Rules of persistent volume claims, as objects and as templates. */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { quantitySign } from '../quantity.ts';
import { checkOptionalOneOf, checkPresent, checkSubdomain, isBlank } from './field-checks.ts';
import { checkLabelSelector } from './label-selector.ts';

export const accessModes: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const volumeModes: readonly string[] = ['Block', 'Filesystem'];

export function checkAccessModes(modes: readonly string[] | undefined, at: IssueSink, detail?: string): void {
  if (!modes || modes.length === 0) {
    at.required(detail);
    return;
  }
  for (const mode of modes) if (!accessModes.includes(mode)) at.notSupported(mode, accessModes);
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    at.forbidden('may not use ReadWriteOncePod with other access modes');
  }
}

export function checkClaimSpec(spec: core.PersistentVolumeClaimSpec | undefined, at: IssueSink): void {
  checkAccessModes(spec?.accessModes, at.at('accessModes'));
  checkLabelSelector(spec?.selector, at.at('selector'));
  const storage = spec?.resources?.requests?.['storage'];
  const place = at.at('resources', { key: 'storage' });
  if (storage === undefined) place.required();
  else if (quantitySign(storage) <= 0) place.invalid(String(storage), 'must be greater than zero');
  if (!isBlank(spec?.storageClassName)) checkSubdomain(spec?.storageClassName ?? '', at.at('storageClassName'));
  checkOptionalOneOf(spec?.volumeMode, volumeModes, at.at('volumeMode'));
  for (const name of ['dataSource', 'dataSourceRef'] as const) {
    const source = spec?.[name];
    if (!source) continue;
    checkPresent(source.name, at.at(name, 'name'));
    checkPresent(source.kind, at.at(name, 'kind'));
    if (isBlank(source.apiGroup) && source.kind !== 'PersistentVolumeClaim') {
      at.at(name).invalid(source.kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
    }
  }
}
