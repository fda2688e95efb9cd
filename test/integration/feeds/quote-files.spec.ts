import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quoteSettings } from '#feeds';
import { csvQuotes, jsonQuotes } from '../../../libs/feeds/formats/quote-records.js';

const folder = process.env['DESKWIRE_DATA_DIR'] ?? '/nowhere';
const recorded = existsSync(join(folder, 'domain/quotes'));
const NOW = new Date('2026-11-25T12:00:30Z');
const text = (path: string) => readFileSync(join(folder, path), 'utf8');
const read = (path: string, settings: object) =>
  (path.endsWith('.csv') ? csvQuotes : jsonQuotes)(
    text(path),
    quoteSettings.parse({ broker: 'acme', ...settings }),
    NOW,
  );

(recorded ? describe : describe.skip)(
  'quote files as providers have them (skipped if DESKWIRE_DATA_DIR is unset)',
  () => {
    it('Stooq: date and time are two columns of a named zone, and a row without data is a note', () => {
      const settings = { key: 'Symbol', price: 'Close', time: ['Date', 'Time'], timeZone: 'Europe/Warsaw' };
      const { quotes, warnings, unreadable } = read('domain/quotes/Q01_stooq.csv', settings);
      expect(quotes).toEqual([{ broker: 'acme', key: 'ORBX.US', price: '220', asOf: '2026-11-24T21:00:11.000Z' }]);
      expect(warnings).toEqual([{ item: 'document', reason: '1 without a price: NONE.US (N/D)' }]);
      expect(unreadable).toBe(0);
    });

    it('Yahoo: pence are GBX, and a close that is absent is not 0', () => {
      const settings = {
        items: 'quoteResponse.result',
        key: 'symbol',
        price: 'regularMarketPrice',
        time: 'regularMarketTime',
        previousClose: 'regularMarketPreviousClose',
        currency: 'currency',
      };
      expect(read('domain/quotes/Q02_yahoo_quote.json', settings).quotes).toEqual([
        {
          broker: 'acme',
          key: 'ALBN.L',
          price: '433.7',
          asOf: '2026-11-24T16:35:01.000Z',
          currency: 'GBX',
          previousClose: '431.2',
        },
        { broker: 'acme', key: 'SAMT.DE', price: '210.0', asOf: '2026-11-24T16:35:22.000Z', currency: 'EUR' },
      ]);
    });

    it('Binance: the middle of bid and ask, of the time of receipt if there is none', () => {
      const settings = { key: 'symbol', price: { mid: ['bidPrice', 'askPrice'] } };
      const mid = { broker: 'acme', key: 'COINUSDT', kind: 'mid' };
      expect(read('domain/quotes/Q03_binance_bookticker.json', { ...settings, items: 'spot' }).quotes).toEqual([
        { ...mid, price: '95000.00000000', asOf: NOW.toISOString() },
      ]);
      expect(
        read('domain/quotes/Q03_binance_bookticker.json', { ...settings, items: 'futures', time: 'time' }).quotes,
      ).toEqual([{ ...mid, price: '95000.00', asOf: '2026-11-25T12:00:00.123Z' }]);
    });

    it("Kite: a time without a zone is India's, and the close is that of the session before", () => {
      const settings = { items: 'data', time: 'timestamp', previousClose: 'ohlc.close', timeZone: 'Asia/Kolkata' };
      expect(read('domain/quotes/Q04_kite_quote.json', settings).quotes).toEqual([
        { broker: 'acme', key: 'NSE:HELIO', price: '316.35', asOf: '2026-11-25T09:59:58.000Z', previousClose: '318' },
      ]);
    });

    it('Angel One: whole numbers whose scale depends on the segment', () => {
      const settings = {
        key: 'token',
        price: 'last_traded_price',
        previousClose: 'closed_price',
        time: 'exchange_timestamp',
        divideBy: 100,
        when: [{ if: [{ column: 'exchange_type', is: ['13'] }], divideBy: 10_000_000 }],
      };
      expect(read('domain/quotes/Q05_angel_tick.json', settings).quotes).toMatchObject([
        { key: '2999', price: '316.35', previousClose: '318', asOf: '2026-11-25T09:59:58.000Z' },
        { key: '1201', price: '88.5025', previousClose: '88.49' },
      ]);
    });

    it('CoinGecko: prices with an exponent are read', () => {
      expect(read('field/coingecko_quotes.json', { price: 'usd' }).quotes.map(({ price }) => price)).toEqual([
        '0.00000851',
        '95000.5',
        '0.0000042',
        '120000',
      ]);
    });

    it('American dates are read when their format is named, and the bar before has the close', () => {
      const settings = { fixedKey: 'SPX', timeZone: 'America/New_York', closesAt: '16:00' };
      expect(() => read('quotes/SP500_2019-11_daily.csv', settings)).toThrow(/set dateFormat/);
      const daily = read('quotes/SP500_2019-11_daily.csv', {
        ...settings,
        dateFormat: 'M/D/YYYY',
        previousClose: { barBefore: true },
      });
      const [last, before] = text('quotes/SP500_2019-11_daily.csv').trim().split(/\r?\n/).reverse();
      expect(daily.quotes).toHaveLength(1);
      expect(daily.quotes[0]).toMatchObject({ price: last!.split(',')[4], previousClose: before!.split(',')[4] });
      expect(daily.quotes[0]!.asOf).toMatch(/T21:00:00.000Z$/);
    });
  },
);
