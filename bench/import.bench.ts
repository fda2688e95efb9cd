// Measures the import of an instrument master (gunzip, parse, validate, COPY, compare, merge, event). Compares it with
// database operations on parsed rows, in the same run and into the same table with its indexes. Uses the real file of
// DESKWIRE_DATA_DIR or a generated one of its size. A first import is bound by PostgreSQL, not by the parser: 35,000
// rows took it 400 ms and the parser 90 ms (least of 6, 2 busy cores). Of the 400 ms, the four indexes took 150 and
// uuidv7() 60, so imports generate their ids themselves.
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { Database } from '#database';
import { InstrumentImporter } from '#instruments';
import { InstrumentEntity } from '#instruments/entities';
import type * as DeskFixture from './desk.fixture.js';

// Node runs this file as it is, so the path has the extension of the source.
const { startDesk } = (await import(new URL('./desk.fixture.ts', import.meta.url).href)) as typeof DeskFixture;

const ROUNDS = 5;
const SLOW_SAMPLE = 10_000;
const MILLION = 1_000_000;
const HEADER =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const say = (what: string, ratio: number, floor: number, numbers: object) =>
  console.log(
    JSON.stringify({ bench: 'import', what, ratio: Number(ratio.toFixed(2)), floor, pass: ratio >= floor, ...numbers }),
  );

/** A near day: a master in which no contract expires soon is refused. */
const EXPIRY = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);

/** Generates rows of the same shape as the real file: repeated names, symbols that begin with them, a few expiries. */
function* madeRows(count: number): Generator<string> {
  yield `${HEADER}\n`;
  for (let index = 0; index < count; index++) {
    const name = `NAME${(index / 160) | 0}`;
    const strike = 1_000 + (index % 160) * 10;
    yield `${index + 1},${index},${name}26AUG${strike}CE,${name},0.0,${EXPIRY},${strike}.0,0.05,65,CE,NFO-OPT,NFO\n`;
  }
}

/** Large pieces, as from a file or socket. */
function* pieces(rows: Iterable<string>): Generator<Buffer> {
  let text = '';
  for (const row of rows) {
    text += row;
    if (text.length > 64 * 1024) {
      yield Buffer.from(text);
      text = '';
    }
  }
  yield Buffer.from(text);
}

async function main(): Promise<void> {
  const folder = process.env['DESKWIRE_DATA_DIR'];
  const packed = folder
    ? await readFile(join(folder, 'instruments/kite_fno_2026-08_day1.csv.gz'))
    : gzipSync([...madeRows(34_764)].join(''));
  const app = await startDesk();
  const database = app.get(Database);
  const importer = app.get(InstrumentImporter, { strict: false });
  const client = new pg.Client({ connectionString: process.env['DATABASE_URL'] });
  await client.connect();

  const empty = () =>
    client.query(
      'TRUNCATE instruments, instrument_imports, instrument_import_changes, instrument_import_issues, instrument_names, instrument_series, instrument_registry',
    );
  // Runs first in the fresh process, because later its memory holds rows of the other measurements.
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const started = performance.now();
  const million = await importer.import(Readable.from(pieces(madeRows(MILLION))), {
    broker: 'zerodha',
    source: 'bench',
  });
  const again = performance.now();
  const unchangedMillion = await importer.import(Readable.from(pieces(madeRows(MILLION))), {
    broker: 'zerodha',
    source: 'bench',
  });
  clearInterval(watch);
  const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
  say('1,000,000 rows in 200 MB of growth', 200 / Math.max(1, megabytes(peak - before)), 1, {
    beforeMb: megabytes(before),
    peakMb: megabytes(peak),
    rowsPerSecond: Math.round(MILLION / ((again - started) / 1_000)),
    unchangedPerSecond: Math.round(MILLION / ((performance.now() - again) / 1_000)),
    inserted: million.inserted,
    unchanged: unchangedMillion.unchanged,
  });

  const records = gunzipSync(packed)
    .toString()
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trimEnd().split(','));
  const timed = async (work: () => Promise<unknown>) => {
    const started = performance.now();
    await work();
    return records.length / ((performance.now() - started) / 1_000);
  };
  const ours = () => importer.import(Readable.from([packed]), { broker: 'zerodha', source: 'bench', force: true });
  const field = (value: string | undefined) => (value ? value : '\\N');
  const parsed = records.map(
    (r) =>
      `${r[0]}\t${r[11]}\t${r[10]}\t${r[2]}\t${r[3]}\t${field(r[5])}\t${r[6]}\t${r[9]}\t${r[7]}\t${r[8]}\t{"exchange_token":"${r[1]}"}\n`,
  );
  const COLUMNS =
    'instrument_key, exchange, segment, tradingsymbol, name, expiry, strike, instrument_type, tick_size, lot_size, attributes';
  const UPDATES = COLUMNS.split(', ')
    .slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ');
  const conflict = `ON CONFLICT (broker, instrument_key) WHERE delisted_at IS NULL DO UPDATE SET ${UPDATES}`;
  const bare = async () => {
    await client.query('BEGIN');
    await client.query(
      'CREATE TEMP TABLE bare (instrument_key text, exchange text, segment text, tradingsymbol text, name text, expiry date, strike numeric, instrument_type text, tick_size numeric, lot_size numeric, attributes jsonb) ON COMMIT DROP',
    );
    await pipeline(Readable.from(chunked(parsed)), client.query(copyFrom('COPY bare FROM STDIN')));
    await client.query(
      `INSERT INTO instruments (broker, ${COLUMNS}) SELECT 'zerodha', ${COLUMNS} FROM bare ${conflict}`,
    );
    await client.query('COMMIT');
  };
  const rowByRow = async () => {
    const text = `INSERT INTO instruments (broker, ${COLUMNS}) VALUES ('zerodha', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ${conflict}`;
    for (const r of records.slice(0, SLOW_SAMPLE)) {
      await client.query(text, [
        r[0],
        r[11],
        r[10],
        r[2],
        r[3],
        r[5] || null,
        r[6],
        r[9],
        r[7],
        r[8],
        { exchange_token: r[1] },
      ]);
    }
  };
  const typeorm = async () => {
    const columns = [
      'exchange',
      'segment',
      'tradingsymbol',
      'name',
      'expiry',
      'strike',
      'instrument_type',
      'tick_size',
      'lot_size',
      'attributes',
    ];
    for (let at = 0; at < records.length; at += 1_000) {
      const values = records.slice(at, at + 1_000).map((r) => ({
        broker: 'zerodha',
        instrumentKey: r[0]!,
        exchange: r[11]!,
        segment: r[10]!,
        tradingsymbol: r[2]!,
        name: r[3]!,
        expiry: r[5] || null,
        strike: r[6]!,
        instrumentType: r[9]!,
        tickSize: r[7]!,
        lotSize: r[8]!,
        attributes: { exchange_token: r[1] },
      }));
      // The behaviour of Repository.upsert(), which refuses a partial unique index.
      await database.manager
        .createQueryBuilder()
        .insert()
        .into(InstrumentEntity)
        .values(values as never)
        .orUpdate(columns, ['broker', 'instrument_key'], { indexPredicate: 'delisted_at IS NULL' })
        .execute();
    }
  };

  const rates: Record<string, number[]> = { ours: [], bare: [], unchanged: [], typeorm: [], rows: [] };
  await empty();
  await ours();
  for (let round = 0; round < ROUNDS; round++) {
    await empty();
    rates['bare']!.push(await timed(bare));
    await empty();
    rates['ours']!.push(await timed(ours));
    rates['unchanged']!.push(await timed(ours));
  }
  for (let round = 0; round < 2; round++) {
    await empty();
    rates['typeorm']!.push(await timed(typeorm));
    await empty();
    rates['rows']!.push((await timed(rowByRow)) * (SLOW_SAMPLE / records.length));
  }
  const rate = Object.fromEntries(
    Object.entries(rates).map(([name, values]) => [name, Math.round(median(values))]),
  ) as Record<string, number>;
  say('against bare COPY + INSERT..ON CONFLICT', rate['ours']! / rate['bare']!, 0.5, {
    rowsPerSecond: rate['ours'],
    barePerSecond: rate['bare'],
  });
  say('against upserts row by row', rate['ours']! / rate['rows']!, 40, {
    rowsPerSecond: rate['ours'],
    rowByRowPerSecond: rate['rows'],
  });
  say('against TypeORM upserts of 1,000', rate['ours']! / rate['typeorm']!, 5, {
    rowsPerSecond: rate['ours'],
    typeormPerSecond: rate['typeorm'],
  });
  say('an unchanged master again, in 100,000 rows/s', rate['unchanged']! / 100_000, 1, {
    rowsPerSecond: rate['unchanged'],
  });

  await client.end();
  await app.close();
}

function* chunked(lines: string[]): Generator<string> {
  for (let at = 0; at < lines.length; at += 500) yield lines.slice(at, at + 500).join('');
}

await main();
