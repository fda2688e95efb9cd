import { SparseLog } from './sparse-log.js';

describe('a sparse log', () => {
  it('a sparse log writes an event at once, then once per interval with the number of omitted ones', () => {
    const lines: object[] = [];
    let now = 0;
    const log = new SparseLog({ warn: (line: object) => lines.push(line) }, 10_000, () => now);
    for (; now < 10_000; now += 1_000) log.warn('refused', { address: '1' });
    log.warn('other', {});
    log.warn('refused', { address: '2' });
    expect(lines).toEqual([
      { msg: 'refused', address: '1' },
      { msg: 'other' },
      { msg: 'refused', address: '2', omitted: 9 },
    ]);
  });
});
