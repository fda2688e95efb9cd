// Compares saving broker sessions through the service (seal, fingerprint, pool, metric, hint) with the same prepared
// statement and ready-made parameters through bare pg, at the same concurrency.
// Run on the built app: DATABASE_URL=postgres://.. node bench/sessions.bench.ts; the database must be empty.
import pg from 'pg';
import { Database } from '#database';
import { SessionsService } from '#sessions';
import type * as DeskFixture from './desk.fixture.js';

// Node runs this file as it is, so the path has the extension of the source.
const { startDesk } = (await import(new URL('./desk.fixture.ts', import.meta.url).href)) as typeof DeskFixture;

const CONCURRENCY = 16;
const SAVES = 4_000;
const ROUNDS = 3;
/** At least half the rate of the bare statement. */
const FLOOR = 0.5;

async function main(): Promise<void> {
  const app = await startDesk();
  const database = app.get(Database);
  const sessions = app.get(SessionsService, { strict: false });
  const [ours, theirs] = (
    await database.rows<{ id: string }>(
      `INSERT INTO users (email, password_hash, display_name, roles)
       SELECT n || '@example.com', 'x', 'B', '{trader}' FROM generate_series(1, 2) n RETURNING id`,
    )
  ).map(({ id }) => id) as [string, string];
  const bare = await statementOf(database, () => save(0, 'probe'));
  const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: CONCURRENCY });

  function save(worker: number, token: string, userId = ours) {
    return sessions.save(userId, {
      broker: 'zerodha',
      account: `B${worker}`,
      accessToken: token,
      loginMethod: 'totp',
      expiresAt: '2031-01-01T00:00:00Z',
      details: {},
    });
  }
  // The same work for PostgreSQL: another token each time, so that row, event and two changes are written.
  let serial = 0;
  async function raw(worker: number) {
    serial += 1;
    const fingerprint = Buffer.alloc(32);
    fingerprint.writeUInt32BE(serial);
    const values = bare.params
      .with(0, theirs)
      .with(2, `B${worker}`)
      .with(4, [fingerprint])
      .with(8, bare.eventId(serial));
    const { rows } = await pool.query<{ id: string | null }>({ name: 'bare', text: bare.sql, values });
    if (rows[0]!.id === null) throw new Error('the bare statement wrote no row');
  }

  const rates = { bare: [] as number[], service: [] as number[], unchanged: [] as number[] };
  // The statement changes rows that exist.
  for (let worker = 0; worker < CONCURRENCY; worker++) await save(worker, 'first', theirs);
  await rate((worker, n) => save(worker, `warm-${n}`), SAVES / 4);
  await rate((worker) => raw(worker), SAVES / 4);
  for (let round = 0; round < ROUNDS; round++) {
    rates.bare.push(await rate((worker) => raw(worker), SAVES));
    rates.service.push(await rate((worker, n) => save(worker, `token-${round}-${n}`), SAVES));
    rates.unchanged.push(await rate((worker) => save(worker, 'the same'), SAVES));
  }
  const [bareRate, serviceRate, unchangedRate] = [median(rates.bare), median(rates.service), median(rates.unchanged)];
  const ratio = serviceRate / bareRate;
  console.log(
    JSON.stringify({
      bench: 'sessions',
      concurrency: CONCURRENCY,
      bareSavesPerSecond: Math.round(bareRate),
      savesPerSecond: Math.round(serviceRate),
      unchangedPerSecond: Math.round(unchangedRate),
      ratio: Number(ratio.toFixed(2)),
      floor: FLOOR,
      pass: ratio >= FLOOR,
    }),
  );
  await pool.end();
  await app.close();
  if (ratio < FLOOR) process.exitCode = 1;
}

/** The statement and parameters that one save sends. */
async function statementOf(database: Database, once: () => Promise<unknown>) {
  const prepared = database.prepared.bind(database);
  let seen: { sql: string; params: readonly unknown[] } | undefined;
  database.prepared = (sql, params) => {
    seen ??= { sql, params: params ?? [] };
    return prepared(sql, params);
  };
  await once();
  database.prepared = prepared;
  const { sql, params } = seen!;
  const id = params[8] as string;
  return {
    sql,
    params: [...params],
    eventId: (serial: number) => id.slice(0, 24) + serial.toString(16).padStart(12, '0'),
  };
}

async function rate(one: (worker: number, n: number) => Promise<unknown>, count: number): Promise<number> {
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async (_, worker) => {
      for (let n = 0; n < count / CONCURRENCY; n++) await one(worker, n);
    }),
  );
  return count / ((performance.now() - begun) / 1000);
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

await main();
