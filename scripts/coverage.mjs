// Prints how much of each lib the last `jest --coverage` executed, and exits with 1 where it is under the minimum.
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Percent of lines and of branches, for each lib. */
const MINIMUM = 80;

const root = join(import.meta.dirname, '..');
const libs = new Map();
for (const [file, counts] of Object.entries(
  JSON.parse(readFileSync(join(root, 'coverage/coverage-summary.json'), 'utf8')),
)) {
  const [folder, lib] = relative(root, file).split(sep);
  if (folder !== 'libs') continue;
  const sum = libs.get(lib) ?? { lines: { total: 0, covered: 0 }, branches: { total: 0, covered: 0 } };
  for (const what of ['lines', 'branches'])
    for (const count of ['total', 'covered']) sum[what][count] += counts[what][count];
  libs.set(lib, sum);
}

const percent = ({ total, covered }) => (total === 0 ? 100 : (100 * covered) / total);
const under = [];
console.log(`${'lib'.padEnd(16)}${'lines %'.padStart(8)}${'branches %'.padStart(12)}`);
for (const [lib, { lines, branches }] of [...libs].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const isUnder = Math.min(percent(lines), percent(branches)) < MINIMUM;
  if (isUnder) under.push(lib);
  const numbers = `${percent(lines).toFixed(1).padStart(8)}${percent(branches).toFixed(1).padStart(12)}`;
  console.log(`${lib.padEnd(16)}${numbers}${isUnder ? `  under ${MINIMUM} %` : ''}`);
}
if (under.length > 0) {
  console.log(`Under ${MINIMUM} %: ${under.join(', ')}. Add tests for what these libs promise.`);
  process.exitCode = 1;
}
