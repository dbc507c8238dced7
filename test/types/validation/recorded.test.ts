import { describe, expect, it } from 'vitest';
import { explained } from './explained-differences.ts';
import { agrees, causesOf, issuesOf, readCases, recordedCasesPresent, type Rejection } from './recorded-cases.ts';

/** Set to the beginning of an area (`pod/`) to see what differs there. */
const shown = process.env['KUBEWRIGHT_RECORDED'];

describe.runIf(recordedCasesPresent)('refusals of a recorded API server', () => {
  it('agree in reason and field, or the difference has an explanation', () => {
    let [cases, fields, comparable, texts] = [0, 0, 0, 0];
    const unexplained: string[] = [];
    for (const test of readCases<Rejection>('rejections-open.jsonl')) {
      const issues = issuesOf(test);
      const want = test.answer.causes;
      if (!issues || !want) continue;
      const got = causesOf(issues);
      const result = agrees(want, got);
      cases += 1;
      if (result.fields) fields += 1;
      else if (!explained.has(test.id)) unexplained.push(`${test.id} ${test.title}`);
      if (test.since === undefined) comparable += 1;
      if (test.since === undefined && result.texts) texts += 1;
      const differs = !result.fields || (test.since === undefined && !result.texts);
      if (shown !== undefined && test.area.startsWith(shown) && differs) {
        const lines = [want, got].map((causes) => JSON.stringify(causes).slice(0, 700));
        console.log(test.id, test.title, '\n  want', lines[0], '\n  got ', lines[1], test.since ?? '');
      }
    }
    const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
    console.log(
      `refusals: ${fields} of ${cases} agree in reason and field (${share(fields, cases)}), ` +
        `${texts} of ${comparable} whose words have not changed in text (${share(texts, comparable)})`,
    );
    expect(unexplained).toEqual([]);
    expect(fields / cases).toBeGreaterThan(0.95);
    expect(texts / comparable).toBeGreaterThan(0.95);
  });
});
