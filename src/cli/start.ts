#!/usr/bin/env node
/** Entry of the command line. What people wait for most often runs from a script whose compiled code is kept. */
import { runScript } from './script-cache.ts';

const scripted = ['build', 'lint'];
const word = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
if (word !== undefined && scripted.includes(word)) runScript('command.cjs', word);
else await import('./main.ts');
