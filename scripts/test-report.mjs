// Reads Jest's report: writes the full name of each failed or skipped test to a file, prints "passed failed skipped".
//   node scripts/test-report.mjs <report.json> <names>
// A test skipped for want of what DESKWIRE_TEST_REQUIRE names (`data`: its name says DESKWIRE_DATA_DIR; `tools`: any other) failed.
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

const [, , reportFile, namesFile] = process.argv;
const required = new Set((process.env.DESKWIRE_TEST_REQUIRE ?? '').split(' '));
const report = JSON.parse(readFileSync(reportFile, 'utf8'));
const lines = [];
let [passed, failed, skipped] = [0, 0, 0];

for (const { name, message, assertionResults } of report.testResults) {
  const suite = relative(process.cwd(), name);
  for (const { status, fullName } of assertionResults) {
    if (status === 'passed') passed++;
    else if (status === 'failed') fail(`${suite}: ${fullName}`);
    else if (required.has(fullName.includes('DESKWIRE_DATA_DIR') ? 'data' : 'tools'))
      fail(`${suite}: ${fullName} (skipped, but what it needs is required here)`);
    else {
      skipped++;
      lines.push(`skipped: ${suite}: ${fullName}`);
    }
  }
  // A suite that did not load, or left something open, has no failed test that reports it.
  if (/● Test suite failed to run/.test(message)) fail(`${suite}: the suite failed to run`);
}

function fail(what) {
  failed++;
  lines.push(`failed: ${what}`);
}

writeFileSync(namesFile, lines.map((line) => `${line}\n`).join(''));
console.log(passed, failed, skipped);
