// Reads Jest's report: writes the full name of each failed or skipped test to a file, with the first lines of its error,
// and prints "passed failed skipped".
//   node scripts/test-report.mjs <report.json> <names>
// A test skipped for want of what DESKWIRE_TEST_REQUIRE names (`data`: its name says DESKWIRE_DATA_DIR; `tools`: any other) failed.
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Enough for what a matcher expected and received. */
const ERROR_LINES = 4;

const [, , reportFile, namesFile] = process.argv;
const required = new Set((process.env.DESKWIRE_TEST_REQUIRE ?? '').split(' '));
const report = JSON.parse(readFileSync(reportFile, 'utf8'));
const lines = [];
let [passed, failed, skipped] = [0, 0, 0];

for (const { name, message, assertionResults } of report.testResults) {
  const suite = relative(process.cwd(), name);
  for (const { status, fullName, failureMessages } of assertionResults) {
    if (status === 'passed') passed++;
    else if (status === 'failed') fail(`${suite}: ${fullName}`, failureMessages.join('\n'));
    else if (required.has(fullName.includes('DESKWIRE_DATA_DIR') ? 'data' : 'tools'))
      fail(`${suite}: ${fullName} (skipped, but what it needs is required here)`);
    else {
      skipped++;
      lines.push(`skipped: ${suite}: ${fullName}`);
    }
  }
  // A suite that did not load, or left something open, has no failed test that reports it.
  const [, reason] = message.split('● Test suite failed to run');
  if (reason !== undefined) fail(`${suite}: the suite failed to run`, reason);
}

function fail(what, error = '') {
  failed++;
  const reason = stripVTControlCharacters(error)
    .split('\n')
    .filter((line) => line.trim() !== '');
  lines.push(`failed: ${what}`, ...reason.slice(0, ERROR_LINES).map((line) => `    ${line.trim()}`));
}

writeFileSync(namesFile, lines.map((line) => `${line}\n`).join(''));
console.log(passed, failed, skipped);
