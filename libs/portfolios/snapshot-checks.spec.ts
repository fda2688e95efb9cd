import { aheadIssues } from './snapshot-checks.js';

describe('a time in the future', () => {
  it('is refused past the tolerance, and allowed up to it', () => {
    const now = Date.parse('2026-08-17T00:00:00Z');
    const items = [{ asOf: '2026-08-17T00:05:00.000000Z' }, { asOf: '2026-08-17T00:05:00.001000Z' }];
    expect(aheadIssues(items, (index) => `quotes[${index}].asOf`, now, 300_000)).toEqual([
      { field: 'quotes[1].asOf', seen: '2026-08-17T00:05:00.001000Z', allowed: 'at most 300 s in the future' },
    ]);
  });
});
