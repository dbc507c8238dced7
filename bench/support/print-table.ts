/** Prints the figures of a whole run: `node scripts/run.mjs bench/support/print-table.ts FILE`. */
import { readFile } from 'node:fs/promises';
import { isRecord } from '../../src/shared/deep.ts';
import { table } from './figure.ts';
import type { Figure } from './figure.ts';

function isFigure(value: unknown): value is Figure {
  return (
    isRecord(value) &&
    ['name', 'unit', 'target'].every((key) => typeof value[key] === 'string') &&
    typeof value['value'] === 'number' &&
    typeof value['met'] === 'boolean' &&
    (value['floor'] === undefined || typeof value['floor'] === 'number')
  );
}

const file = process.argv[2];
if (file === undefined) throw new Error('usage: print-table.ts FILE');
const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
const figures = lines.map((line): unknown => JSON.parse(line)).filter(isFigure);
console.log(`\n${table(figures)}`);
console.log(`\n${figures.filter(({ met }) => met).length} of ${figures.length} targets met`);
