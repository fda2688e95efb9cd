import * as fc from 'fast-check';
import type { Principal } from '#auth';
import { Database } from '#database';
import { PortfoliosModule, QuotesService, SnapshotsService } from '#portfolios';
import { PortfoliosService } from '../../../libs/portfolios/portfolios.service.js';
import { RatesService } from '../../../libs/portfolios/rates/rates.service.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { at, member, position, snapshot } from './desk.fixture.js';

const KEYS = ['A', 'B'];
const PORTFOLIOS = ['p', 'q'];
const STATE_TABLES = [
  'portfolio_snapshots',
  'portfolio_history',
  'quotes',
  'quote_marks',
  'rates',
  'position_adjustments',
];

/** In `npm run test:chaos` more. */
const RUNS = process.env['CHAOS'] === 'true' ? 100 : 12;

type Message = () => Promise<unknown>;

const price = fc.integer({ min: 1, max: 99_999 }).map((cents) => `${Math.floor(cents / 100)}.${10 + (cents % 90)}`);
const close = fc.option(price, { nil: undefined });
const shape = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('quote' as const), key: fc.constantFrom(...KEYS), price, close }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('snapshot' as const), id: fc.constantFrom(...PORTFOLIOS), price, close }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rate' as const), price, close }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('split' as const), key: fc.constantFrom(...KEYS) }) },
);
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;
/** Messages, an order in which they come, and places at which one that has come is sent again. */
const runs = fc
  .array(shape, { minLength: 4, maxLength: 14 })
  .chain((shapes) =>
    fc.tuple(
      fc.constant(shapes),
      fc.shuffledSubarray([...shapes.keys()], { minLength: shapes.length }),
      fc.array(fc.nat({ max: shapes.length - 1 }), { maxLength: 5 }),
    ),
  );

describe('the laws of messages', () => {
  let module: TestModule;
  let database: Database;
  let trader: Principal;
  let operator: Principal;

  beforeAll(async () => {
    module = await testModule([PortfoliosModule], { env: { DESKWIRE_ROLE: 'web', PORTFOLIOS_BASE_CURRENCY: 'USD' } });
    database = module.get(Database);
    [trader, operator] = [await member(database, 'trader'), await member(database, 'operator')];
  });
  afterAll(() => module.close());

  /** A message of its own time: they are 5 hours apart, so that half hours and days change between them. */
  const messageOf = (shape: Shape, n: number): Message => {
    const [asOf, second] = [at(n * 18_000), n * 18_000];
    if (shape.kind === 'split') {
      // One split a day: of two for one day the later call counts.
      const exDate = `2026-08-${17 + n}`;
      return () =>
        module
          .get<RatesService>(RatesService)
          .adjust(operator, { broker: 'zerodha', key: shape.key, exDate, factor: '2' });
    }
    const previousClose = shape.close === undefined ? {} : { previousClose: shape.close };
    if (shape.kind === 'quote')
      return () =>
        module
          .get<QuotesService>(QuotesService)
          .post([{ broker: 'zerodha', key: shape.key, price: shape.price, asOf, ...previousClose }]);
    if (shape.kind === 'rate')
      return () =>
        module
          .get<RatesService>(RatesService)
          .post([{ base: 'INR', quote: 'USD', price: shape.price, asOf, ...previousClose }]);
    const positions = KEYS.map((key) => position(key, '3', shape.price, previousClose));
    return () =>
      module.get<SnapshotsService>(SnapshotsService).store(trader, [snapshot(shape.id, second, { positions })]);
  };
  /** All that the desk keeps and all that it shows, except when it was written. */
  const state = async () => {
    const rows = async (sql: string) => database.rows(sql);
    const shown = await Promise.all(
      PORTFOLIOS.map((id) =>
        module
          .get<PortfoliosService>(PortfoliosService)
          .find(trader, id, { base: 'USD' })
          .then(({ updatedAt: _, ...view }) => view)
          .catch(({ code }: { code: string }) => code),
      ),
    );
    return {
      shown,
      quotes: await rows(`SELECT to_jsonb(quotes) - 'updated_at' AS row FROM quotes ORDER BY instrument_key`),
      marks: await rows('SELECT to_jsonb(quote_marks) AS row FROM quote_marks ORDER BY instrument_key, slot'),
      rates: await rows(`SELECT to_jsonb(rates) - 'updated_at' AS row FROM rates ORDER BY base`),
    };
  };
  const play = async (messages: readonly Message[]) => {
    // TRUNCATE makes new files for each table and index, which costs more than a few rows.
    for (const table of STATE_TABLES) await database.run(`DELETE FROM ${table}`);
    for (const message of messages) await message();
    return state();
  };

  it('messages in any order, some of them sent again, end in one state', () =>
    fc.assert(
      fc.asyncProperty(runs, async ([shapes, order, again]) => {
        const messages = shapes.map(messageOf);
        const expected = await play(messages);
        const repeated = order.flatMap((n, place) => [
          messages[n]!,
          ...again.filter((each) => each === place).map(() => messages[order[0]!]!),
        ]);
        expect(await play(repeated)).toEqual(expected);
        for (const n of again) await messages[n]!();
        expect(await state()).toEqual(expected);
      }),
      { numRuns: RUNS },
    ));
});
