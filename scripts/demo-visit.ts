/** Asks an address until so many different pods have answered, and shows what they said. */
import { get } from 'node:http';

const [, , url = '', wanted = '1'] = process.argv;
const limit = 200;

function ask(): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, headers: { accept: 'application/json' } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });
}

const answers = new Map<string, string>();
for (let visit = 0; visit < limit && answers.size < Number(wanted); visit++) {
  const body = await ask();
  const { pod }: { readonly pod?: string } = JSON.parse(body);
  answers.set(pod ?? '', body.trim());
}
console.log(`\n${url} answers from ${answers.size} pods:`);
for (const body of answers.values()) console.log(`  ${body}`);
if (answers.size < Number(wanted)) {
  console.error(`only ${answers.size} of ${wanted} pods answered in ${limit} visits`);
  process.exitCode = 1;
}
