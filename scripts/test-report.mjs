// Reads Jest's report.
//   node scripts/test-report.mjs again <report.json>
//     prints the suites that failed, one a line, to run again alone; nothing if more than three failed.
//   node scripts/test-report.mjs count <report.json> <names> [<report of the suites that ran again>]
//     writes the full name of each test that failed, was skipped or was unsteady to a file, with the first lines of its
//     error, and prints "passed failed skipped".
// A test skipped for want of what DESKWIRE_TEST_REQUIRE names (`data`: its name says DESKWIRE_DATA_DIR; `tools`: any other) failed.
// A test that failed beside others and passed alone is unsteady: it counts as passed and is named, because it is a defect.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Enough for what a matcher expected and received. */
const ERROR_LINES = 4;
/** A change that breaks more suites than this is not unsteady. */
const MOST_AGAIN = 3;

const [, , what, reportFile, namesFile, againFile] = process.argv;
const suitesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).testResults;
const suites = suitesOf(reportFile);

if (what === 'again') {
  const failed = suites.filter(({ status }) => status === 'failed');
  if (failed.length <= MOST_AGAIN) for (const { name } of failed) console.log(name);
} else count();

function count() {
  const required = new Set((process.env.DESKWIRE_TEST_REQUIRE ?? '').split(' '));
  const again = new Map(
    againFile && existsSync(againFile) ? suitesOf(againFile).map((suite) => [suite.name, suite]) : [],
  );
  const lines = [];
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const tell = (how, name, error = '') => {
    const reason = stripVTControlCharacters(error)
      .split('\n')
      .filter((line) => line.trim() !== '');
    lines.push(`${how}: ${name}`, ...reason.slice(0, ERROR_LINES).map((line) => `    ${line.trim()}`));
  };
  const fail = (name, error) => {
    counts.failed++;
    tell('failed', name, error);
  };

  for (const first of suites) {
    const suite = relative(process.cwd(), first.name);
    const last = again.get(first.name) ?? first;
    for (const { status, fullName, failureMessages } of last.assertionResults) {
      if (status === 'passed') counts.passed++;
      else if (status === 'failed') fail(`${suite}: ${fullName}`, failureMessages.join('\n'));
      else if (required.has(fullName.includes('DESKWIRE_DATA_DIR') ? 'data' : 'tools'))
        fail(`${suite}: ${fullName} (skipped, but what it needs is required here)`);
      else {
        counts.skipped++;
        tell('skipped', `${suite}: ${fullName}`);
      }
    }
    const broken = notRun(last);
    if (broken !== undefined) fail(`${suite}: the suite failed to run`, broken);
    if (last === first || last.status === 'failed') continue;
    for (const { status, fullName, failureMessages } of first.assertionResults)
      if (status === 'failed') tell('unsteady', `${suite}: ${fullName}`, failureMessages.join('\n'));
    if (notRun(first) !== undefined) tell('unsteady', `${suite}: the suite failed to run`, notRun(first));
  }
  writeFileSync(namesFile, lines.map((line) => `${line}\n`).join(''));
  console.log(counts.passed, counts.failed, counts.skipped);
}

/** Why a suite did not load, or what it left open: no failed test reports that. */
function notRun({ message }) {
  return message.split('● Test suite failed to run')[1];
}
