import { Database, Transactions } from '#database';
import { type BulkUpsert, bulkUpsert } from '../../../libs/database/bulk-upsert.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

const COLUMNS = [
  { name: 'broker', type: 'text' },
  { name: 'key', type: 'text' },
  { name: 'price', type: 'numeric' },
  { name: 'as_of', type: 'timestamptz' },
  { name: 'extra', type: 'jsonb' },
];
type Row = [broker: string, key: string, price: string | null, asOf: string, extra: unknown];
const at = (minute: number) => `2026-11-23T10:${String(minute).padStart(2, '0')}:00.000Z`;

describe('bulkUpsert()', () => {
  let module: TestModule;
  let database: Database;

  beforeAll(async () => {
    module = await testModule([]);
    database = module.get(Database);
    await database.run(
      `CREATE TABLE prices (broker text, key text, price numeric, as_of timestamptz, extra jsonb, CONSTRAINT uq_prices UNIQUE (broker, key))`,
    );
  });
  afterAll(() => module.close());
  beforeEach(() => database.run('TRUNCATE prices'));

  const upsert = <T>(rows: readonly Row[], more: Partial<BulkUpsert> = {}) =>
    bulkUpsert<T>(database, { table: 'prices', columns: COLUMNS, key: ['broker', 'key'], rows, ...more });
  const row = (key: string, price: string | null, minute = 0, extra: unknown = null): Row => [
    'zerodha',
    key,
    price,
    at(minute),
    extra,
  ];
  const written = { returning: 't.key, (t.xmax = 0) AS inserted' };
  const stored = () =>
    database.rows<{ key: string; price: string; xmin: string }>(
      'SELECT key, price, xmin::text, ctid::text FROM prices ORDER BY key',
    );

  it('bulkUpsert() writes 100,000 rows of 5 columns, far more values than the 65,535 parameters of a statement', async () => {
    const rows = Array.from({ length: 100_000 }, (_, n) => row(`k${n}`, `${n}.25`));
    await upsert(rows);
    expect(await database.rows(`SELECT count(*)::int AS count, sum(price)::text AS sum FROM prices`)).toEqual([
      { count: 100_000, sum: '4999975000.00' },
    ]);
  });

  it('bulkUpsert() keeps the last of two rows with the same key, within one statement and across statements', async () => {
    const rows = [
      row('a', '1'),
      row('b', '1'),
      row('a', '2'),
      ...Array.from({ length: 10_000 }, (_, n) => row(`f${n}`, '0')),
      row('a', '3'),
    ];
    await upsert(rows);
    expect((await stored()).slice(0, 2)).toMatchObject([
      { key: 'a', price: '3' },
      { key: 'b', price: '1' },
    ]);
  });

  it('bulkUpsert() does not write unchanged rows, and does not return them', async () => {
    await upsert([row('a', '1', 0, { x: [1] }), row('b', null), row('c', '1')]);
    const before = await stored();
    expect(
      await upsert([row('a', '1.00', 0, { x: [1] }), row('b', null), row('c', '2'), row('d', '4')], written),
    ).toEqual([
      { key: 'c', inserted: false },
      { key: 'd', inserted: true },
    ]);
    const after = await stored();
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]!.xmin).not.toBe(before[2]!.xmin);
  });

  it('bulkUpsert() writes a change to NULL and from NULL', async () => {
    await upsert([row('a', '1'), row('b', null)]);
    expect(await upsert([row('a', null), row('b', '1')], written)).toHaveLength(2);
  });

  it('updates only rows that meet the condition, and only the given columns', async () => {
    await upsert([row('a', '1', 10), row('b', '1', 10)]);
    const newer = { onlyIf: 't.as_of < excluded.as_of' };
    expect(await upsert([row('a', '9', 9), row('b', '2', 11)], { ...written, ...newer })).toEqual([
      { key: 'b', inserted: false },
    ]);
    await upsert([row('b', '3', 30)], { update: ['price'] });
    expect(await database.rows(`SELECT key, price, as_of FROM prices ORDER BY key`)).toEqual([
      { key: 'a', price: '1', as_of: new Date(at(10)) },
      { key: 'b', price: '3', as_of: new Date(at(11)) },
    ]);
    await upsert([row('a', '7', 59)], { update: [] });
    expect((await stored())[0]!.price).toBe('1');
  });

  it('bulkUpsert() stores JSON of every kind, and text with quotes, braces and commas, unchanged', async () => {
    const extras = [{ a: 1 }, [1, [2]], [], 'null', '"text"', null, [{ 'b"': '\\{,}' }]];
    await upsert(extras.map((extra, n) => row(`"k,{}\\${n}`, null, 0, extra)));
    const rows = await database.rows<{ key: string; extra: unknown }>('SELECT key, extra FROM prices ORDER BY key');
    expect(rows.map((one) => one.key)).toEqual(extras.map((_, n) => `"k,{}\\${n}`));
    expect(rows.map((one) => one.extra)).toEqual([{ a: 1 }, [1, [2]], [], null, 'text', null, [{ 'b"': '\\{,}' }]]);
  });

  it('bulkUpsert() locks rows in the order of their keys, so bulks of the same rows in opposite orders never deadlock', async () => {
    const rows = Array.from({ length: 12_000 }, (_, n) => row(`k${n}`, '0'));
    await upsert(rows);
    let runs = 0;
    const write = (given: readonly Row[], price: string) =>
      module.get(Transactions).atomic(async () => {
        runs++;
        await upsert(given.map(([broker, key, , ...rest]) => [broker, key, price, ...rest]));
        // Without it the server counts a deadlock of this connection a second later.
        await database.rows('SELECT pg_stat_force_next_flush()');
      });
    const shuffled = [...rows].sort((a, b) => (a[1].at(-1)! < b[1].at(-1)! ? 1 : -1));
    for (let round = 1; round <= 3; round++)
      await Promise.all([
        write(rows, `${round}.1`),
        write([...rows].reverse(), `${round}.2`),
        write(shuffled, `${round}.3`),
      ]);
    expect(runs).toBe(9);
    expect(
      await database.rows(`SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`),
    ).toEqual([{ deadlocks: 0 }]);
  });

  it('joins the open transaction, and does nothing for an empty list', async () => {
    const failing = module.get(Transactions).atomic(async () => {
      await upsert(Array.from({ length: 10_001 }, (_, n) => row(`k${n}`, '1')));
      throw new Error('aborted');
    });
    await expect(failing).rejects.toThrow('aborted');
    expect(await stored()).toEqual([]);
    expect(await upsert([])).toEqual([]);
  });
});
