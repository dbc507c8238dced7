import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const commandWithSpaces: LintRule = {
  id: 'correctness/command-with-spaces',
  severity: 'warning',
  recommended: true,
  summary: 'A command is a list of words.',
  why: 'No shell takes it apart: a single text with spaces is the name of a program that nobody has.',
  bad: podExample({ container: 'command: ["python app.py --port 80"]' }),
  good: podExample({ container: 'command: [python, app.py, --port, "80"]' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      const [program = ''] = container.command ?? [];
      if (!/^\S+ +\S/.test(program) || program.includes('\n') || /\.exe\b|^[A-Za-z]:/i.test(program)) continue;
      yield {
        path: at('command', 0),
        message: `there is hardly a program called ${JSON.stringify(program)}; write its words as items of the list`,
      };
    }
  },
};
