import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readTickerFile } from './ticker-file.js';

const read = (content: unknown) =>
  readTickerFile(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));
const apple = { cik: '0000320193', ticker: 'AAPL', name: 'Apple Inc.', place: 0 };
const unreadable = expect.objectContaining({ code: 'FILINGS_TICKERS_UNREADABLE' });

describe('a ticker file of the SEC', () => {
  it('each of its three forms is read, also compressed', () => {
    const entries = { 0: { cik_str: 320193, ticker: 'AAPL', title: 'Apple Inc.' } };
    expect(read(entries).tickers).toEqual([apple]);
    expect(readTickerFile(gzipSync(JSON.stringify(entries))).tickers).toEqual([apple]);
    const rows = { fields: ['cik', 'name', 'ticker', 'exchange'], data: [[320193, 'Apple Inc.', 'AAPL', 'Nasdaq']] };
    expect(read(rows).tickers).toEqual([apple]);
    expect(read('brk.b\t1067983\n').tickers).toMatchObject([{ ticker: 'BRK-B' }]);
    expect(read('aapl\t320193\nmsft\t789019\n').tickers).toEqual([
      { ...apple, name: '' },
      { cik: '0000789019', ticker: 'MSFT', name: '', place: 0 },
    ]);
  });

  it('the tickers of one filer keep their order, and a repeated pair counts once', () => {
    const two = ['GOOGL', 'GOOG', 'GOOGL'].map((ticker) => ({ cik_str: 1652044, ticker, title: 'Alphabet Inc.' }));
    expect(read(two).tickers.map(({ ticker, place }) => [ticker, place])).toEqual([
      ['GOOGL', 0],
      ['GOOG', 1],
    ]);
  });

  it('an entry that cannot be read costs itself only, and is reported with its reason', () => {
    const { tickers, skipped, problems } = read([
      { cik_str: 320193, ticker: 'AAPL', title: 'Apple Inc.' },
      { cik_str: 'x', ticker: 'BAD', title: '' },
      { cik_str: 1, ticker: 'NO TICKER', title: '' },
      { cik_str: 1, ticker: null },
      7,
    ]);
    expect([tickers, skipped]).toEqual([[apple], 4]);
    expect(problems.map(({ reason }) => reason.slice(0, 6))).toEqual(['no CIK', 'no tic', 'no tic', 'no CIK']);
  });

  it.each([
    ['<!DOCTYPE html><title>SEC.gov | Request Rate Threshold Exceeded</title>', '<!DOCTYPE html>'],
    ['{"0": {"cik_str": 320193, "tick', 'cik_str'],
    ['{}', '{}'],
    ['7', '7'],
    ['', '""'],
  ])('%j is refused, and the error shows its beginning', (text, shown) => {
    expect(() => read(text)).toThrow(unreadable);
    expect(() => read(text)).toThrow(shown.slice(0, 10));
  });

  it('a damaged archive is refused', () => {
    expect(() => readTickerFile(gzipSync('{"a": 1}').subarray(0, 20))).toThrow(unreadable);
  });
});

const recorded = join(process.env['DESKWIRE_DATA_DIR'] ?? '/nowhere', 'sec/company_tickers_2024-05.json.gz');
(existsSync(recorded) ? it : it.skip)(
  `the SEC's file of May 2024 has 9,610 tickers of 7,919 filers${existsSync(recorded) ? '' : ' (skipped: DESKWIRE_DATA_DIR is unset)'}`,
  () => {
    const { tickers, skipped } = readTickerFile(readFileSync(recorded));
    expect([tickers.length, new Set(tickers.map(({ cik }) => cik)).size, skipped]).toEqual([9_610, 7_919, 0]);
    expect(tickers.filter(({ cik }) => cik === '0001652044').map(({ ticker }) => ticker)).toEqual(
      expect.arrayContaining(['GOOGL', 'GOOG']),
    );
  },
);
