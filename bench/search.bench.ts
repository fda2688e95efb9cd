// Measures the search over 460,000 contracts of four brokers: each kind of query in turn, without the cache of pages, and the
// 95th percentile of all. Compares it with what one would write instead: `ILIKE` over symbol and name of the same table. Prints
// the slowest kind too, so that a plan that reads the whole table is seen.
import { Readable } from 'node:stream';
import { Database } from '#database';
import { InstrumentImporter, InstrumentsService } from '#instruments';
import { JobTasks } from '#jobs';
import type * as DeskFixture from './desk.fixture.js';

// Node runs this file as it is, so the path has the extension of the source.
const { startDesk } = (await import(new URL('./desk.fixture.ts', import.meta.url).href)) as typeof DeskFixture;

const ROUNDS = 12;
const TARGET_MS = 100;
/** `ILIKE` / ours, at the 95th percentile. */
const FLOOR = 2;
/** `ILIKE` takes some 0.5 s a query. */
const ROUNDS_OF_ILIKE = 2;
const HEADER =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';
const MONTHS = [
  ['25DEC', '2025-12-30'],
  ['26JAN', '2026-01-27'],
  ['26FEB', '2026-02-24'],
] as const;
const WEEKS = Array.from({ length: 14 }, (_, week) => {
  const day = new Date(Date.UTC(2025, 11, 2 + 7 * week));
  const month = '123456789OND'[day.getUTCMonth()]!;
  return [
    `${day.getUTCFullYear() % 100}${month}${String(day.getUTCDate()).padStart(2, '0')}`,
    day.toISOString().slice(0, 10),
  ] as const;
});
const INDICES = ['NIFTY', 'BANKNIFTY', 'FINNIFTY', 'SENSEX', 'MIDCPNIFTY'];
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Names that look like companies, the same in every run. */
function nameOf(n: number): string {
  let [seed, name] = [n * 2_654_435_761 + 12_345, ''];
  for (let at = 0; at < 4 + (n % 6); at++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    name += LETTERS[seed % 26];
  }
  return name;
}

const STOCKS = [
  'RELIANCE',
  'HDFCBANK',
  'TCS',
  'INFY',
  'ITC',
  'IDEA',
  ...Array.from({ length: 214 }, (_, n) => nameOf(n)),
];

/** A broker's master of 115,000 contracts: options of indices and stocks, and 10,000 shares. */
function* rows(shift: number): Generator<string> {
  yield `${HEADER}\n`;
  let token = shift * 1_000_000;
  const option = (name: string, code: string, expiry: string, strike: number, type: string) =>
    `${++token},${token % 100_000},${name}${code}${strike}${type},${name},0,${expiry},${strike},0.05,75,${type},NFO-OPT,NFO\n`;
  for (const name of INDICES)
    for (const [code, expiry] of [...WEEKS, ...MONTHS])
      for (let step = 0; step < 140; step++)
        for (const type of ['CE', 'PE']) yield option(name, code, expiry, 20_000 + step * 100, type);
  for (const [at, name] of STOCKS.entries())
    for (const [code, expiry] of MONTHS) {
      yield `${++token},${token % 100_000},${name}${code}FUT,${name},0,${expiry},0,0.05,75,FUT,NFO-FUT,NFO\n`;
      for (let step = 0; step < 61; step++)
        for (const type of ['CE', 'PE']) yield option(name, code, expiry, 100 + at * 3 + step * 10, type);
    }
  for (let n = 0; n < 10_000; n++) {
    const name = STOCKS[n] ?? nameOf(10_000 + n);
    yield `${++token},${500_000 + n},${name},${name} INDUSTRIES LTD,0,,0,0.05,1,EQ,NSE,NSE\n`;
  }
}

/** Large pieces, as from a file. */
function* pieces(lines: Iterable<string>): Generator<Buffer> {
  let text = '';
  for (const line of lines) {
    text += line;
    if (text.length > 64 * 1024) {
      yield Buffer.from(text);
      text = '';
    }
  }
  yield Buffer.from(text);
}

const QUERIES: Record<string, (n: number) => [query: string | undefined, filter?: object]> = {
  'exact symbol': (n) => [`NIFTY25DEC${20_000 + n * 100}CE`],
  'contract with a day': (n) => [
    `NIFTY ${WEEKS[n]![1].slice(8)} ${n < 5 ? 'DEC' : n < 9 ? 'JAN' : 'FEB'} ${21_000 + n * 100} CE`,
  ],
  'contract with a month': (n) => [`${STOCKS[n]} DEC ${200 + n * 10} PE`],
  'contract without a date': (n) => [`BANKNIFTY ${20_000 + n * 100} CE`],
  'contract with a typing error': (n) => [`RELAINCE JAN ${200 + n * 10} CE`],
  'beginning and month': (n) => [`${LETTERS[n]} DEC`],
  'strike alone': (n) => [`${24_000 + n * 100}CE`],
  'beginning of a symbol': (n) => [STOCKS[n + 20]!.slice(0, 3)],
  'typing error': (n) => [['RELAINCE', 'HDCFBANK', 'BANKNFITY', 'SENESX'][n % 4]! + 'X'.repeat(n > 3 ? 1 : 0)],
  'several words': (n) => [`${nameOf(10_500 + n)} industries`],
  'part of a name': (n) => [nameOf(10_700 + n).slice(1)],
  'nothing like it': (n) => [`QZX${n}JWV`],
  'token of an exchange': (n) => [String(500_100 + n)],
  'index and number': () => ['NIFTY 50'],
  'expiry and underlying': (n) => [undefined, { underlying: STOCKS[n], expiry: MONTHS[n % 3]![1] }],
  'expiries from a day': (n) => [undefined, { expiryFrom: WEEKS[n]![1], type: 'PE' }],
  'strikes of a range': (n) => [undefined, { underlying: 'SENSEX', strikeFrom: String(21_000 + n), strikeTo: '23000' }],
};

async function main(): Promise<void> {
  const app = await startDesk();
  const importer = app.get(InstrumentImporter, { strict: false });
  const service = app.get(InstrumentsService, { strict: false });
  for (const [at, broker] of ['zerodha', 'second', 'third', 'fourth'].entries())
    await importer.import(Readable.from(pieces(rows(at))), { broker, source: 'bench', force: true });
  // What a worker does after the imports.
  const upkeep = performance.now();
  await app.get(JobTasks).handlers.get('instruments-upkeep')!({}, new AbortController().signal);
  const upkeepMs = Math.round(performance.now() - upkeep);
  const times: Record<string, number[]> = {};
  const timed = async (what: string, work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    (times[what] ??= []).push(performance.now() - began);
  };
  for (let n = 0; n < ROUNDS; n++) {
    for (const [what, make] of Object.entries(QUERIES)) {
      const [query, filter] = make(n);
      // Another limit each round, so that no page is cached.
      await timed(what, () => service.search({ ...(query === undefined ? {} : { query }), ...filter }, 50 + n));
    }
    await timed('expiries', () => service.expiries('NIFTY', {}, 100 + n));
    const [, expiry] = WEEKS[n]!;
    await timed('chain', () => service.chain({ underlying: 'NIFTY', broker: 'zerodha', expiry }, 100 + n));
  }
  const ilike: number[] = [];
  for (let n = 0; n < ROUNDS_OF_ILIKE; n++)
    for (const make of Object.values(QUERIES)) {
      const [query] = make(n);
      if (query === undefined) continue;
      const began = performance.now();
      await app
        .get(Database)
        .rows(
          `SELECT * FROM instruments WHERE tradingsymbol ILIKE $1 OR name ILIKE $1 ORDER BY tradingsymbol LIMIT 50`,
          [`%${query.replaceAll(' ', '%')}%`],
        );
      ilike.push(performance.now() - began);
    }
  const percentile = (values: number[], part: number) =>
    [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]!;
  const kinds = Object.entries(times).map(([what, values]) => [what, Math.round(percentile(values, 0.95))] as const);
  const p95 = percentile(Object.values(times).flat(), 0.95);
  const slowest = kinds.reduce((one, other) => (other[1] > one[1] ? other : one));
  const ilikeP95 = percentile(ilike, 0.95);
  const ratio = ilikeP95 / p95;
  const print = (line: object) => console.log(JSON.stringify({ bench: 'search', ...line }));
  print({
    what: '95th percentile over 460,000 contracts, ILIKE : ours',
    ...{ ratio: Number(ratio.toFixed(2)), floor: FLOOR, pass: ratio >= FLOOR },
    ...{ p95Ms: Math.round(p95), ilikeP95Ms: Math.round(ilikeP95), upkeepMs },
    ...{
      p50Ms: Math.round(percentile(Object.values(times).flat(), 0.5)),
      slowest: slowest.join(' '),
      kinds: Object.fromEntries(kinds),
    },
  });
  print({
    what: '95th percentile over 460,000 contracts, ms',
    ...{ measured: Math.round(p95), target: `at most ${TARGET_MS}`, met: p95 <= TARGET_MS },
  });
  await app.close();
}

await main();
