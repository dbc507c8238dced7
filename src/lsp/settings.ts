/** What the editor's settings say, section `kubewright`. */
import { isRecord } from '../shared/deep.ts';

export interface Settings {
  readonly codeLens: boolean;
  readonly inlayHints: boolean;
  /** Name of the local cluster whose objects are shown. */
  readonly cluster: string;
  /** `recommended`, `strict`, `pss-baseline`, `pss-restricted`; a configuration file of the project goes before. */
  readonly preset: string | undefined;
  /** Whether TypeScript documents are run to find what is wrong with the objects they make. */
  readonly programs: boolean;
  /** Whether programs of the folder may run at all: its configuration too. */
  readonly trusted: boolean;
}

export const defaultSettings: Settings = {
  cluster: 'kubewright',
  codeLens: true,
  inlayHints: true,
  preset: undefined,
  programs: true,
  trusted: true,
};

/** Settings come from anywhere: what is not understood is left at what holds without. */
export function readSettings(value: unknown): Settings {
  const section = isRecord(value) ? (isRecord(value['kubewright']) ? value['kubewright'] : value) : {};
  const flag = (name: string, otherwise: boolean): boolean => {
    const set = section[name];
    if (isRecord(set) && typeof set['enabled'] === 'boolean') return set['enabled'];
    return typeof set === 'boolean' ? set : otherwise;
  };
  const lint = isRecord(section['lint']) ? section['lint'] : {};
  const preset = lint['preset'];
  const cluster = section['cluster'];
  return {
    cluster: typeof cluster === 'string' && cluster !== '' ? cluster : defaultSettings.cluster,
    codeLens: flag('codeLens', defaultSettings.codeLens),
    inlayHints: flag('inlayHints', defaultSettings.inlayHints),
    programs: flag('programs', defaultSettings.programs),
    trusted: flag('trusted', defaultSettings.trusted),
    preset: typeof preset === 'string' && preset !== '' ? preset : undefined,
  };
}
