/**
 * Programs while somebody writes them: checked in another process whenever the typing rests, answered from what was found
 * last, at the places where that stands now.
 */
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { isInstalled, packageRoot } from './entries.ts';
import { ProgramChecker } from './program-checker.ts';
import type { ProgramFinding, ProgramObject, ProgramReport, ProgramSpan } from './report.ts';
import { TextShift } from './text-shift.ts';
import type { OffsetSpan } from './text-shift.ts';

/** What the editor lends. */
export interface ProgramEditor {
  /** Texts of the sources that are open, by absolute path. */
  openTexts(): ReadonlyMap<string, string>;
  /** Something else is known now of these sources. */
  changed(files: readonly string[]): void;
  /** For the editor's log. */
  log(text: string): void;
}

const restTime: Milliseconds = 250;
export const standardTimeLimit: Milliseconds = 5_000;

interface KnownProgram {
  readonly report: ProgramReport;
  /** The texts that it was made of. */
  readonly texts: ReadonlyMap<string, string>;
  /** From an earlier run, where the last one did not get to its end. */
  readonly objects: readonly ProgramObject[];
  readonly objectTexts: ReadonlyMap<string, string>;
}

export interface PlacedFinding {
  readonly finding: ProgramFinding;
  readonly at: OffsetSpan;
}

export class LivePrograms implements Disposable {
  readonly #checkers = new Map<string, ProgramChecker>();
  readonly #known = new Map<string, KnownProgram>();
  /** Sources that were looked at or edited since the last check, by package. */
  readonly #due = new Set<string>();
  readonly #seen = new Map<string, string>();
  #rest: Disposable | undefined;
  #busy = false;
  #closed = false;
  /** Of one run of a program; 0: nothing runs, and nothing is said. */
  timeLimit = standardTimeLimit;

  constructor(
    readonly clock: Clock,
    readonly editor: ProgramEditor,
  ) {}

  /** Says that a source with this text is looked at. */
  touch(file: string, text: string): void {
    if (this.timeLimit <= 0 || this.#closed || this.#seen.get(file) === text) return;
    this.#seen.set(file, text);
    // Most TypeScript has nothing to do with us.
    if (!text.includes('kubewright') && !isInstalled(file)) return;
    this.#due.add(file);
    this.#soon();
  }

  /** What somebody else has changed: every program that is made of it is checked anew. */
  touchInput(file: string): void {
    if (this.#seen.has(file) && this.editor.openTexts().has(file)) return;
    for (const { report } of this.#known.values())
      if (report.inputs.includes(file)) {
        this.#due.add(report.entry);
        this.#soon();
      }
  }

  /** A source that nobody looks at any more. */
  forget(file: string): void {
    this.#seen.delete(file);
  }

  #soon(): void {
    this.#rest?.[Symbol.dispose]();
    this.#rest = this.clock.schedule(restTime, () => {
      this.#rest = undefined;
      if (this.#busy) return;
      this.#busy = true;
      this.#run().catch((error: unknown) => {
        this.#busy = false;
        this.editor.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      });
    });
  }

  async #run(): Promise<void> {
    const files = [...this.#due];
    this.#due.clear();
    const texts = new Map(this.editor.openTexts());
    const groups = new Map<string, string[]>();
    for (const file of files) {
      const root = packageRoot(file);
      groups.set(root, [...(groups.get(root) ?? []), file]);
    }
    for (const [root, own] of groups) await this.#check(root, own, texts);
    this.#busy = false;
    if (this.#due.size > 0 && !this.#rest) this.#soon();
  }

  async #check(root: string, files: readonly string[], texts: ReadonlyMap<string, string>): Promise<void> {
    const checker = this.#checkers.get(root) ?? new ProgramChecker(this.clock, root);
    this.#checkers.set(root, checker);
    try {
      const unsaved = Object.fromEntries(texts);
      const { reports } = await checker.check({ files, unsaved, timeLimit: this.timeLimit });
      if (this.#closed) return;
      this.#take(files, reports, texts);
    } catch (error) {
      this.editor.log(`programs of ${root}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #take(files: readonly string[], reports: readonly ProgramReport[], texts: ReadonlyMap<string, string>): void {
    const touched = new Set(files);
    // What is no program any more says nothing.
    for (const file of files) if (!reports.some(({ entry }) => entry === file)) this.#known.delete(file);
    for (const report of reports) {
      const before = this.#known.get(report.entry);
      for (const one of before?.report.findings ?? []) touched.add(one.file);
      for (const one of report.findings) touched.add(one.file);
      const broken = report.objects === undefined && report.findings.length === 0;
      // While a text does not parse, what was found before is as good as it gets.
      if (broken && before) continue;
      const { objects, objectTexts } = report.objects
        ? { objects: report.objects, objectTexts: texts }
        : (before ?? { objects: [], objectTexts: texts });
      this.#known.set(report.entry, { report, texts, objects, objectTexts });
    }
    this.editor.changed([...touched]);
  }

  /** What is wrong in a source, from top to bottom, with the places that hold for this text of it. */
  findings(file: string, text: string): readonly PlacedFinding[] {
    const found = new Map<string, PlacedFinding>();
    if (this.timeLimit <= 0) return [];
    for (const { report, texts } of this.#known.values()) {
      const own = report.findings.filter((finding) => finding.file === file);
      if (own.length === 0) continue;
      const shift = new TextShift(texts.get(file) ?? text, text);
      for (const finding of own) {
        const at = shift.span(finding);
        // Two programs may share a component: what is wrong with it is said once.
        if (at) found.set(`${at.start} ${finding.rule} ${finding.message}`, { finding, at });
      }
    }
    return [...found.values()].sort((a, b) => a.at.start - b.at.start);
  }

  /** What a program makes; of a part of programs, what is made there. */
  objectsOf(file: string): readonly ProgramObject[] {
    const own = this.#known.get(file);
    if (own) return own.objects;
    const all = [...this.#known.values()].flatMap(({ objects }) => objects);
    return all.filter(({ names }) => names.some((name) => name.file === file));
  }

  /** The objects of a source with the names of the builders that made them there. */
  placedObjects(file: string, text: string): readonly { readonly at: OffsetSpan; readonly object: ProgramObject }[] {
    return [...this.#known.values()].flatMap(({ objects, objectTexts }) => {
      const shift = new TextShift(objectTexts.get(file) ?? text, text);
      return objects.flatMap((object) => {
        const name = object.names.find((one) => one.file === file);
        const at = name && shift.span(name);
        return at ? [{ at, object }] : [];
      });
    });
  }

  /** Of a source that nobody has open: as it was when the program ran. */
  writtenFindings(file: string): readonly ProgramFinding[] {
    const all = [...this.#known.values()].flatMap(({ report }) => report.findings.filter((one) => one.file === file));
    return [...new Map(all.map((one) => [`${one.line} ${one.column} ${one.rule} ${one.message}`, one])).values()];
  }

  /** The objects that the name at an offset stands for, and where that name stands. */
  objectsAt(
    file: string,
    text: string,
    offset: number,
  ): { readonly at: OffsetSpan; readonly objects: readonly ProgramObject[] } | undefined {
    if (this.timeLimit <= 0) return undefined;
    const objects = new Map<string, ProgramObject>();
    let place: OffsetSpan | undefined;
    for (const { objects: made, objectTexts } of this.#known.values()) {
      const shift = new TextShift(objectTexts.get(file) ?? text, text);
      for (const object of made) {
        const at = object.names
          .filter((name) => name.file === file)
          .map((name: ProgramSpan) => shift.span(name))
          .find((span) => span !== undefined && span.start <= offset && offset <= span.end);
        if (!at) continue;
        place ??= at;
        objects.set(`${object.title}\n${object.yaml}`, object);
      }
    }
    return place ? { at: place, objects: [...objects.values()] } : undefined;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#rest?.[Symbol.dispose]();
    for (const checker of this.#checkers.values()) checker[Symbol.dispose]();
    this.#checkers.clear();
  }
}

const mostObjects = 4;
const mostLines = 200;

/** Markdown: the objects as YAML. */
export function yamlOf(objects: readonly ProgramObject[]): string {
  const shown = objects.slice(0, mostObjects).map(({ yaml }) => {
    const lines = yaml.trimEnd().split('\n');
    return lines.length > mostLines ? [...lines.slice(0, mostLines), '# ...'].join('\n') : lines.join('\n');
  });
  const more = objects.length - shown.length;
  return `\`\`\`yaml\n${shown.join('\n---\n')}\n\`\`\`${more > 0 ? `\n\nand ${more} more` : ''}`;
}
