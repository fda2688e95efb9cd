import { withInProgress } from './rule-changes.repository.js';

describe('the snapshot of a transaction that may still roll back', () => {
  it.each([
    ['10:20:', 15n, '10:20:15'],
    ['10:20:12,18', 15n, '10:20:12,15,18'],
    ['18:20:18', 15n, '15:20:15,18'],
    ['20:20:', 15n, '15:20:15'],
    ['10:20:12', 20n, '10:20:12'],
    ['10:20:12', 12n, '10:20:12'],
  ])('%s of transaction %s lists it as in progress: %s', (snapshot, xid, expected) => {
    expect(withInProgress(snapshot, xid)).toBe(expected);
  });
});
