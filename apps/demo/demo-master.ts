import { SeededRandom } from './seeded-random.js';

/** A demo contract with its first price in hundredths. */
export interface DemoContract {
  key: string;
  symbol: string;
  price: number;
  lot: number;
}

export interface DemoMaster {
  /** As a Kite master, which the real importer reads. */
  csv: string;
  /** Contracts that portfolios hold and quotes name. The options only fill the search. */
  traded: readonly DemoContract[];
}

const HEADER =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';
const FIRST = [
  'Amber',
  'Birch',
  'Cedar',
  'Delta',
  'Ember',
  'Fjord',
  'Grove',
  'Haven',
  'Indigo',
  'Jade',
  'Karst',
  'Lotus',
  'Maple',
  'Nimbus',
  'Onyx',
];
const SECOND = ['Bank', 'Cement', 'Energy', 'Foods', 'Motors', 'Pharma', 'Power', 'Steel', 'Systems', 'Textiles'];
const STRIKES = 10;
const WITH_OPTIONS = 40;

/**
 * 150 fictitious companies with 3 months of futures and options on 40 of them: 2,670 contracts. The same for the same broker
 * and month. Every name contains Demo.
 */
export function demoMaster(broker: string, today: Date): DemoMaster {
  const random = new SeededRandom([...broker].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), 7));
  const lines = [HEADER];
  const traded: DemoContract[] = [];
  const months = [0, 1, 2].map((ahead) => monthEnd(today, ahead));
  FIRST.forEach((first, i) =>
    SECOND.forEach((second, j) => {
      const n = i * SECOND.length + j;
      const symbol = `DEMO${first.slice(0, 4)}${second.slice(0, 4)}`.toUpperCase();
      const name = `Demo ${first} ${second}`;
      const price = random.between(40, 4_000) * 100;
      const lot = random.between(1, 20) * 25;
      const key = String(100_000 + n);
      const line = (
        id: string,
        contract: string,
        expiry: string,
        strike: string,
        lotSize: number,
        type: string,
        segment: string,
      ) => lines.push(`${id},${n},${contract},${name},0,${expiry},${strike},0.05,${lotSize},${type},${segment},DEMO`);
      line(key, symbol, '', '0', 1, 'EQ', 'DEMO');
      traded.push({ key, symbol, price, lot: 1 });
      if (n >= WITH_OPTIONS) return;
      months.forEach(({ day, code }, month) => {
        const future = `${200_000 + n * 10 + code.serial}`;
        line(future, `${symbol}${code.text}FUT`, day, '0', lot, 'FUT', 'DEMO-FUT');
        if (month === 0)
          traded.push({ key: future, symbol: `${symbol}${code.text}FUT`, price: Math.round(price * 1.004), lot });
        for (let s = 0; s < STRIKES; s++) {
          const strike = Math.round((price / 100) * (0.9 + 0.02 * s));
          for (const type of ['CE', 'PE'])
            line(
              `${300_000 + ((n * 10 + code.serial) * STRIKES + s) * 2 + (type === 'CE' ? 0 : 1)}`,
              `${symbol}${code.text}${strike}${type}`,
              day,
              String(strike),
              lot,
              type,
              'DEMO-OPT',
            );
        }
      });
    }),
  );
  return { csv: `${lines.join('\n')}\n`, traded };
}

/** The last day of a month. `serial` distinguishes ten months, so that a key is reused only after its contract expired. */
function monthEnd(today: Date, ahead: number): { day: string; code: { text: string; serial: number } } {
  const end = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + ahead + 1, 0));
  const months = end.getUTCFullYear() * 12 + end.getUTCMonth();
  const text = `${String(end.getUTCFullYear()).slice(2)}${end.toLocaleString('en', { month: 'short', timeZone: 'UTC' }).toUpperCase()}`;
  return { day: end.toISOString().slice(0, 10), code: { text, serial: months % 10 } };
}
