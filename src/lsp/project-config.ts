/** The rules of a folder: its own configuration, else what the editor's settings say. */
import { ConfigError } from '../lint/config.ts';
import type { LintConfig } from '../lint/config.ts';
import { isPreset } from '../lint/presets.ts';
import type { Project } from './project.ts';
import type { Session } from './session.ts';

/** A configuration is a program: in folders that the user does not trust it is not run. */
async function configOf(project: Project, { settings }: Session): Promise<LintConfig> {
  if (project.root !== undefined && settings.trusted) {
    // It brings a compiler along, which the first answers need not wait for.
    const { findConfigFile, loadConfigFile } = await import('../lint/config-file.ts');
    const file = findConfigFile(project.root);
    if (file !== undefined) return loadConfigFile(file);
  }
  const { preset } = settings;
  return preset !== undefined && isPreset(preset) ? { extends: preset } : {};
}

/** A configuration with a mistake changes nothing, and the client is told. */
export async function applySettings(project: Project, session: Session): Promise<void> {
  try {
    const config = await configOf(project, session);
    if (Object.keys(config).length === 0 && Object.keys(project.options.config ?? {}).length === 0) return;
    project.configure({ config });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    session.connection.console.error(`${project.root ?? 'settings'}: ${error.message}`);
  }
}
