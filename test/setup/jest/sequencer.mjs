// Order of the suites: first those that start whole desks as processes, which take longest, and last the unit tests, so
// all workers end at about the same time. Among equals the largest file comes first.
import { readFileSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

export default class extends Sequencer {
  sort(tests) {
    const ranked = tests.map((test) => ({ test, rank: rankOf(test.path), text: readFileSync(test.path, 'utf8') }));
    const weight = ({ rank, text }) => [
      /buildIfStale|ForkedDesk|forkNode|process\.mjs/.test(text) ? 0 : 1,
      rank,
      -text.length,
    ];
    return ranked
      .map((entry) => ({ test: entry.test, weight: weight(entry) }))
      .sort((a, b) => compare(a.weight, b.weight))
      .map(({ test }) => test);
  }
}

function rankOf(path) {
  if (path.includes('/test/e2e/')) return 0;
  return path.includes('/test/') ? 1 : 2;
}

function compare(a, b) {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at] - b[at];
}
