import { describe, expect, it } from 'vitest';
import { agrees, causesOf, issuesOf, readCases, recordedCasesPresent, type Rejection } from './recorded-cases.ts';

interface Count {
  cases: number;
  fields: number;
  texts: number;
  comparable: number;
}

describe.runIf(recordedCasesPresent)('refusals of a recorded API server', () => {
  it('agree in reason and field', () => {
    const areas = new Map<string, Count>();
    const total: Count = { cases: 0, fields: 0, texts: 0, comparable: 0 };
    const verbose = process.env['KUBEWRIGHT_RECORDED'];
    for (const test of readCases<Rejection>('rejections-open.jsonl')) {
      const issues = issuesOf(test);
      if (!issues || !test.answer.causes) continue;
      // Accepted or told otherwise by 1.36: not a yardstick.
      if (test.since !== undefined && !/printed as JSON|text|prints as null|group in message/.test(test.since))
        continue;
      const got = causesOf(issues);
      const result = agrees(test.answer.causes, got);
      const area = areas.get(test.area) ?? { cases: 0, fields: 0, texts: 0, comparable: 0 };
      areas.set(test.area, area);
      for (const count of [area, total]) {
        count.cases += 1;
        if (result.fields) count.fields += 1;
        if (test.since === undefined) count.comparable += 1;
        if (test.since === undefined && result.texts) count.texts += 1;
      }
      if (
        verbose !== undefined &&
        test.area.startsWith(verbose) &&
        (!result.fields || (test.since === undefined && !result.texts))
      ) {
        console.log(
          test.id,
          test.verb,
          test.title,
          '\n  want',
          JSON.stringify(test.answer.causes).slice(0, 700),
          '\n  got ',
          JSON.stringify(got).slice(0, 700),
          test.since ?? '',
        );
      }
    }
    const share = (part: number, whole: number): string => `${((100 * part) / Math.max(whole, 1)).toFixed(1)} %`;
    const low = [...areas].filter(([, area]) => area.fields < area.cases || area.texts < area.comparable);
    for (const [name, area] of low)
      console.log(`${name}: ${area.fields}/${area.cases} fields, ${area.texts}/${area.comparable} texts`);
    console.log(
      `refusals: ${total.fields} of ${total.cases} agree in reason and field (${share(total.fields, total.cases)}), ` +
        `${total.texts} of ${total.comparable} in text (${share(total.texts, total.comparable)})`,
    );
    expect(total.fields / total.cases).toBeGreaterThan(0.83);
  });
});
