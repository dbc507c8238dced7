/**
 * The plugin of the TypeScript server, `"plugins": [{ "name": "kubewright/ts-plugin" }]`: what is wrong with manifests, at the
 * call that made them, and the YAML of a builder's call. Programs run in a process of their own; the server's only thread
 * answers from what that found last.
 */
import type ts from 'typescript';
import { systemClock } from '../shared/clock.ts';
import { isRecord } from '../shared/deep.ts';
import { LivePrograms, standardTimeLimit } from '../lint/programs/live-programs.ts';
import { decorate } from './language-service.ts';
import { openTexts } from './open-texts.ts';

/** Marks what is decorated already: a project that is read again enables its plugins again. */
const marker = Symbol.for('kubewright.ts-plugin');

/** Milliseconds that a program may run; 0 turns the plugin off. */
function timeLimitOf(config: unknown): number {
  const section = isRecord(config) ? config : {};
  if (section['evaluate'] === false) return 0;
  const limit = section['timeLimit'];
  return typeof limit === 'number' && Number.isFinite(limit) && limit >= 0 ? limit : standardTimeLimit;
}

function files(typescript: typeof ts, info: ts.server.PluginCreateInfo): readonly string[] {
  return [...openTexts(typescript, info).keys()];
}

const factory: ts.server.PluginModuleFactory = ({ typescript }) => {
  const programs = new Set<LivePrograms>();
  return {
    create(info) {
      const { languageService, project } = info;
      if (Reflect.get(languageService, marker) === true) return languageService;
      const limit = timeLimitOf(info.config);
      const isWhole = project.projectService.serverMode === typescript.LanguageServiceMode.Semantic;
      if (!isWhole) return languageService;
      const live = new LivePrograms(systemClock, {
        openTexts: () => openTexts(typescript, info),
        changed: () => {
          if (!project.isClosed() && files(typescript, info).length > 0) project.refreshDiagnostics();
        },
        log: (text) => project.projectService.logger.info(`kubewright: ${text}`),
      });
      live.timeLimit = limit;
      programs.add(live);
      const decorated = decorate(typescript, info, live, () => programs.delete(live));
      Reflect.set(decorated, marker, true);
      return decorated;
    },
    onConfigurationChanged(config: unknown) {
      for (const live of programs) live.timeLimit = timeLimitOf(config);
    },
  };
};

export default factory;
