// Prints the figures of the house and whatever breaks its rules: `npm run house`. Exit code 1 if something does.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureHouse } from './house/rules.mjs';

const figures = measureHouse(dirname(dirname(fileURLToPath(import.meta.url))));
for (const { name, value, limit, breaches } of figures) {
  process.stdout.write(`${breaches.length === 0 ? 'ok  ' : 'FAIL'}  ${name.padEnd(36)} ${value}, at most ${limit}\n`);
  for (const breach of breaches) process.stdout.write(`        ${breach}\n`);
}
process.exitCode = figures.some(({ breaches }) => breaches.length > 0) ? 1 : 0;
