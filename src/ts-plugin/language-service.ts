/** The language service with what we know of manifests beside what TypeScript says. */
import type ts from 'typescript';
import { isProgramSource } from '../lint/programs/entries.ts';
import { yamlOf } from '../lint/programs/live-programs.ts';
import type { LivePrograms, PlacedFinding } from '../lint/programs/live-programs.ts';
import type { ProgramFinding, ProgramSpan } from '../lint/programs/report.ts';

/** Ours among the numbers of TypeScript's own errors, which end below 100,000. */
const diagnosticCode = 990_001;

class Diagnostics {
  constructor(
    readonly typescript: typeof ts,
    readonly program: ts.Program,
  ) {}

  of({ finding, at }: PlacedFinding, file: ts.SourceFile): ts.Diagnostic {
    const related = finding.callers.flatMap((caller) => this.#related(caller) ?? []);
    return {
      file,
      start: at.start,
      length: Math.max(at.end - at.start, 1),
      category: this.#category(finding),
      code: diagnosticCode,
      source: 'kubewright',
      messageText: `${finding.message} [${finding.rule}]`,
      ...(related.length > 0 ? { relatedInformation: related } : {}),
    };
  }

  #category({ severity }: ProgramFinding): ts.DiagnosticCategory {
    const { DiagnosticCategory } = this.typescript;
    if (severity === 'error') return DiagnosticCategory.Error;
    return severity === 'warning' ? DiagnosticCategory.Warning : DiagnosticCategory.Message;
  }

  #related({ file, line, column }: ProgramSpan): ts.DiagnosticRelatedInformation | undefined {
    const source = this.program.getSourceFile(file);
    const start = source?.getLineStarts()[line - 1];
    if (!source || start === undefined) return undefined;
    const { Message } = this.typescript.DiagnosticCategory;
    return {
      file: source,
      start: Math.min(start + column - 1, source.text.length),
      length: 1,
      category: Message,
      code: diagnosticCode,
      messageText: 'called here',
    };
  }
}

/** @param closed called when the project is closed */
export function decorate(
  typescript: typeof ts,
  info: ts.server.PluginCreateInfo,
  live: LivePrograms,
  closed: () => void,
): ts.LanguageService {
  const inner = info.languageService;
  const textOf = (fileName: string): string | undefined => {
    const snapshot = isProgramSource(fileName) ? info.languageServiceHost.getScriptSnapshot(fileName) : undefined;
    return snapshot?.getText(0, snapshot.getLength());
  };
  const known = (fileName: string): string => typescript.sys.resolvePath(fileName);
  const own: Partial<ts.LanguageService> = {
    getSemanticDiagnostics(fileName) {
      const found = inner.getSemanticDiagnostics(fileName);
      const text = textOf(fileName);
      const program = inner.getProgram();
      const source = program?.getSourceFile(fileName);
      if (text === undefined || !program || !source) return found;
      live.touch(known(fileName), text);
      const placed = live.findings(known(fileName), text);
      if (placed.length === 0) return found;
      const diagnostics = new Diagnostics(typescript, program);
      return [...found, ...placed.map((one) => diagnostics.of(one, source))];
    },
    getQuickInfoAtPosition(fileName, position, ...more) {
      const quick = inner.getQuickInfoAtPosition(fileName, position, ...more);
      const text = textOf(fileName);
      if (text === undefined) return quick;
      live.touch(known(fileName), text);
      const found = live.objectsAt(known(fileName), text, position);
      if (!found) return quick;
      const yaml = { kind: 'text', text: yamlOf(found.objects) };
      if (quick) {
        const documentation = quick.documentation ?? [];
        const gap = documentation.length > 0 ? [{ kind: 'lineBreak', text: '\n\n' }] : [];
        return { ...quick, documentation: [...documentation, ...gap, yaml] };
      }
      const { start, end } = found.at;
      return {
        kind: typescript.ScriptElementKind.unknown,
        kindModifiers: '',
        textSpan: { start, length: end - start },
        documentation: [yaml],
      };
    },
    dispose() {
      live[Symbol.dispose]();
      closed();
      inner.dispose();
    },
  };
  return { ...inner, ...own };
}
