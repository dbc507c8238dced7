import { describe, expect, it } from 'vitest';
import { kubewright, writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const program = `import fs, { appendFileSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { execFileSync, execSync, spawn, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { configMap } from 'kubewright';

fs.writeSync(1, 'a');
writeSync(1, 'b');
appendFileSync(1, 'c');
fs.writeFileSync('/dev/stdout', 'd');
await writeFile('/proc/self/fd/1', 'e');
await promisify(fs.write)(1, Buffer.from('f'));
const stream = fs.createWriteStream('', { fd: 1 });
await new Promise((done) => stream.end('g').on('close', done));
const opened = fs.openSync('/dev/stdout', 'w');
fs.writeSync(opened, 'h');
fs.closeSync(opened);
spawnSync('printf', ['i'], { stdio: 'inherit' });
execSync('printf j', { stdio: [0, 1, 2] });
execFileSync('printf', ['k'], { stdio: ['ignore', process.stdout, 'inherit'] });
await new Promise((done) => spawn('printf', ['l'], { stdio: ['ignore', 'inherit', 'inherit'] }).on('close', done));
fs.closeSync(1);
await promisify(fs.close)(1);
export default configMap({ metadata: { name: 'x' } });
`;

describe('the standard output', () => {
  it('is the manifests alone, whichever way a program writes to it', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'app.ts': program });
    expect(await kubewright(folder, ['build', 'app.ts'])).toEqual({
      code: 0,
      stdout: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n',
      stderr: 'abcdefghijkl',
    });
  });

  it('is the manifests alone, also where threads and programs of a program write to it', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'app.ts': `import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { configMap } from 'kubewright';
const inner = "require('fs').writeSync(1, 'a'); require('child_process').spawnSync('printf', ['b'], { stdio: 'inherit' })";
await once(new Worker(inner, { eval: true }), 'exit');
const outer = "require('child_process').spawnSync('printf', ['c'], { stdio: 'inherit' })";
spawnSync(process.execPath, ['-e', outer], { stdio: 'inherit' });
console.error('d');
export default configMap({ metadata: { name: 'x' } });
`,
    });
    const { code, stdout, stderr } = await kubewright(folder, ['build', 'app.ts']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n' });
    expect([...stderr].sort().join('').trim()).toBe('abcd');
  });
});
