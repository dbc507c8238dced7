/** THE table of report formats. */
import { githubText } from './github.ts';
import { gitlabText } from './gitlab.ts';
import { jsonText } from './json.ts';
import { junitText } from './junit.ts';
import { sarifText } from './sarif.ts';
import { reportText } from './text.ts';
import type { LintReport } from './finding.ts';

export const formats: Readonly<Record<string, (report: LintReport) => string>> = {
  text: reportText,
  json: jsonText,
  sarif: sarifText,
  github: githubText,
  gitlab: gitlabText,
  junit: junitText,
};
