/** The rules of a folder: its own configuration, else what the editor's settings say. */
import { ConfigError } from '../lint/config.ts';
import type { LintConfig } from '../lint/config.ts';
import { isPreset } from '../lint/presets.ts';
import type { Project } from './project.ts';
import type { Session } from './session.ts';

/** A configuration with a mistake changes nothing, and the client is told. */
export async function applySettings(project: Project, session: Session, _signal: AbortSignal): Promise<void> {
  await Promise.resolve();
  const { preset } = session.settings;
  const config: LintConfig = preset !== undefined && isPreset(preset) ? { extends: preset } : {};
  if (JSON.stringify(config) === JSON.stringify(project.options.config ?? {})) return;
  try {
    project.configure({ config });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    session.connection.console.error(`${project.root ?? 'settings'}: ${error.message}`);
  }
}
