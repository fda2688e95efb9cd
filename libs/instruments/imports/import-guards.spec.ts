import {
  refusalOfDates,
  refusalOfDelisting,
  refusalOfKeys,
  refusalOfNoRows,
  refusalOfRows,
  refusalOfUnits,
} from './import-guards.js';

const SHARES = {
  quarantinePercent: 20,
  delistPercent: 20,
  replacePercent: 50,
  scalePercent: 50,
  judgedRows: 50,
  soonDays: 100,
};
const TODAY = '2026-11-26';
const read = (rows: number, quarantined: number) => ({
  rows,
  quarantined,
  good: rows - quarantined,
  issues: quarantined === 0 ? [] : [{ line: 7, reason: 'not a date: "x"', severity: 'quarantined' as const }],
});

describe('the guards of an import', () => {
  it('refuse a file without a usable row, and name its first problem', () => {
    expect(refusalOfNoRows(read(3, 2))).toBeUndefined();
    expect(refusalOfNoRows(read(3, 3))).toMatchObject({ code: 'INSTRUMENTS_FILE_NO_ROWS' });
    expect(refusalOfNoRows(read(3, 3))!.message).toContain('line 7, not a date');
  });

  it('refuse more than 20 % of quarantined rows', () => {
    expect(refusalOfRows(read(100, 20), SHARES)).toBeUndefined();
    expect(refusalOfRows(read(100, 21), SHARES)).toMatchObject({
      code: 'INSTRUMENTS_QUARANTINED_TOO_MANY',
      details: { kind: 'conflict', extra: { quarantined: 21, rows: 100, percent: 20 } },
    });
  });

  it('refuse 50 or more dated contracts of which none expires within 100 days', () => {
    const dates = { soon: false, dated: 50, first: '2016-02-25', last: '2016-12-29' };
    expect(refusalOfDates(dates, TODAY, SHARES)).toMatchObject({ code: 'INSTRUMENTS_DATES_IMPLAUSIBLE' });
    expect(refusalOfDates({ ...dates, dated: 49 }, TODAY, SHARES)).toBeUndefined();
    expect(refusalOfDates({ ...dates, soon: true }, TODAY, SHARES)).toBeUndefined();
    expect(refusalOfDates({ soon: false, dated: 0, first: null, last: null }, TODAY, SHARES)).toBeUndefined();
  });

  it('refuse delistings by the share of unexpired contracts, and do not count expired ones', () => {
    expect(refusalOfDelisting({ gone: 20, expired: 0, listed: 100 }, SHARES)).toBeUndefined();
    expect(refusalOfDelisting({ gone: 21, expired: 0, listed: 100 }, SHARES)).toMatchObject({
      code: 'INSTRUMENTS_DELISTING_TOO_MANY',
      details: { extra: { delisted: 21, listed: 100, expired: 0, percent: 20 } },
    });
    expect(refusalOfDelisting({ gone: 5_000, expired: 4_990, listed: 100 }, SHARES)).toBeUndefined();
  });

  it('refuse a file in which more than half of 50 or more known contracts change by a power of ten', () => {
    expect(refusalOfUnits(25, 50, SHARES)).toBeUndefined();
    expect(refusalOfUnits(26, 50, SHARES)).toMatchObject({ code: 'INSTRUMENTS_UNITS_CHANGED' });
    expect(refusalOfUnits(49, 49, SHARES)).toBeUndefined();
  });

  it('refuse a file in which more than half of the rows replace unexpired contracts', () => {
    expect(refusalOfKeys(5, 10, SHARES)).toBeUndefined();
    expect(refusalOfKeys(6, 10, SHARES)).toMatchObject({ code: 'INSTRUMENTS_KEYS_REASSIGNED' });
  });
});
