import { Database } from '#database';
import { InstrumentImporter, InstrumentsModule, ImportsService, type ImportResult } from '#instruments';
import { instrumentsConfig } from '#instruments/config';
import type { ImportOptions } from '../../../libs/instruments/imports/instrument-importer.js';
import { type TestModule, testModule } from '../../setup/test-module.js';
import { VirtualClock } from '../../setup/virtual-clock.js';
import { bytesOf, kiteCsv, type MadeContract } from './masters.fixture.js';

export const code = (value: string) => expect.objectContaining({ code: value }) as Error;

const MORNING = new Date().toISOString();
const TABLES = [
  'instruments',
  'instrument_imports',
  'instrument_import_changes',
  'instrument_import_issues',
  'instrument_names',
  'instrument_series',
  'trading_events',
  'change_feed',
];

/**
 * Starts a desk that imports masters. Before each test it has no instruments, and the clock shows the time of its start.
 * @param sourceIdleMs how long a source may be silent
 */
export function importsDesk({ sourceIdleMs = 60_000 } = {}) {
  let module: TestModule;
  const clock = new VirtualClock(MORNING);
  const query = <Row>(sql: string, params?: readonly unknown[]) =>
    module.get<Database>(Database).rows<Row>(sql, params);
  const importFrom = (
    source: AsyncIterable<Uint8Array>,
    options: Partial<Pick<ImportOptions, 'broker' | 'force' | 'partial' | 'mapping'>> = {},
  ): Promise<ImportResult> =>
    module.get(InstrumentImporter).import(source, { broker: 'zerodha', source: 'made', ...options });
  const load = (text: string | Buffer, options: Parameters<typeof importFrom>[1] = {}) =>
    importFrom(bytesOf(text), options);

  beforeAll(async () => {
    module = await testModule([InstrumentsModule], {
      clock,
      internals: [instrumentsConfig.with({ sourceIdleMs })],
    });
  });
  afterAll(() => module.close());
  beforeEach(async () => {
    clock.set(MORNING);
    await query(`TRUNCATE ${TABLES.join(', ')}, instrument_registry`);
  });

  return {
    query,
    importFrom,
    load,
    loadRows: (rows: readonly MadeContract[], force = false) => load(kiteCsv(rows), { force }),
    listed: (broker = 'zerodha') =>
      query<{ id: string; key: string; symbol: string; strike: string; expiry: string }>(
        `SELECT id, instrument_key AS key, tradingsymbol AS symbol, trim_scale(strike)::text AS strike, expiry::text FROM instruments
         WHERE broker = $1 AND delisted_at IS NULL ORDER BY key`,
        [broker],
      ),
    countAll: async () => {
      const [row] = await query<Record<string, number>>(
        `SELECT ${TABLES.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`).join(', ')}`,
      );
      return row!;
    },
    issuesOf: async ({ importId }: ImportResult) =>
      (await module.get(ImportsService).issues(importId, 500)).map(({ id: _id, ...issue }) => issue),
    get: ((token: never) => module.get(token)) as TestModule['get'],
    clock,
  };
}
