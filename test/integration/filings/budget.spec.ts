import { Filings, FilingsModule } from '#filings';
import { FilingSummaries } from '../../../libs/filings/summaries/filing-summaries.js';
import { Database, Transactions } from '#database';
import { EventsModule } from '#events';
import { HealthRegistry } from '#system';
import { FilingsService } from '../../../libs/filings/filings.service.js';
import { testModule } from '../../setup/test-module.js';
import { accession, summaryDesk, type SummaryDesk } from './summaries.fixture.js';

/** Flash-Lite with at most 800 output tokens: about 320 + 60 millionths of a dollar are reserved per call. */
const ENOUGH_FOR_THREE = '0.0014';

describe('the budget of a month', () => {
  let on: SummaryDesk;
  const month = async () =>
    (
      await on.rows<{ reserved: string; spent: string; refused: string }>(
        'SELECT reserved_micros AS reserved, spent_micros AS spent, refused FROM filing_budget_months',
      )
    )[0]!;
  const events = () =>
    on.rows<{ payload: Record<string, string> }>(
      `SELECT payload FROM trading_events WHERE type = 'FilingsBudgetExhausted'`,
    );
  const states = async () =>
    (
      await on.rows<{ state: string; count: number }>(
        'SELECT state, count(*)::integer AS count FROM filing_summaries GROUP BY 1 ORDER BY 1',
      )
    ).map(({ state, count }) => [state, count]);

  beforeAll(async () => {
    on = await summaryDesk({ FILINGS_MONTHLY_BUDGET_USD: ENOUGH_FOR_THREE }, 'web', { concurrency: 20 });
  });
  afterAll(() => on.close());
  beforeEach(async () => {
    await on.reset();
    await on.rows('TRUNCATE trading_events');
    on.model.behave({ kind: 'answer', text: 'A summary.', tokensIn: 1000, tokensOut: 800 });
  });

  it('concurrent requests never exceed the budget, because each call reserves its cost first', async () => {
    for (let number = 1; number <= 20; number += 1) await on.register(number);
    const another = await on.another();
    const asked = Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? another : on.desk).get(FilingSummaries).ask(accession(index + 1)),
    );
    await Promise.all(asked);
    const { reserved, spent, refused } = await month();
    expect(reserved).toBe('0');
    expect(Number(spent)).toBeLessThanOrEqual(1_400);
    expect(on.model.calls.length).toBeGreaterThanOrEqual(1);
    expect(on.model.calls.length + Number(refused)).toBeGreaterThanOrEqual(20 - 1);
    expect(on.model.calls.length).toBeLessThanOrEqual(3);
    expect(await states()).toEqual([
      ['done', on.model.calls.length],
      ['over-budget', 20 - on.model.calls.length],
    ]);
  });

  it('a spent budget stops calls and document fetches, notifies operators once, and filings are still registered', async () => {
    for (let number = 1; number <= 6; number += 1) {
      expect((await on.register(number)).isNew).toBe(true);
      await on.drain();
    }
    await on.rows(`UPDATE filing_budget_months SET spent_micros = 1400`);
    const fetched = on.documents.requests.length;
    for (let number = 7; number <= 9; number += 1) await on.register(number);
    await on.drain();
    expect(on.documents.requests).toHaveLength(fetched);
    expect(await events()).toHaveLength(1);
    expect((await events())[0]!.payload).toMatchObject({ budgetUsd: '0.001400', model: 'gemini-2.5-flash-lite' });
    expect(on.desk.get(HealthRegistry) && (await on.desk.get(HealthRegistry).report()).checks['filings']).toMatchObject(
      { status: 'up', summaries: expect.stringContaining('paused') as string },
    );
    expect((await on.desk.get(FilingsService).usage({})).budget).toMatchObject({
      leftUsd: '0.000000',
      notMade: expect.any(Number) as number,
    });
  });

  it('a summary refused by the budget is made in the next month', async () => {
    await on.register(1);
    await on.rows(
      `INSERT INTO filing_budget_months (month, spent_micros) VALUES (date_trunc('month', now() AT TIME ZONE 'UTC'), 1400)`,
    );
    expect((await on.ask(1)).state).toBe('over-budget');
    expect((await on.ask(1)).state).toBe('over-budget');
    expect((await month()).refused).toBe('1'); // It is not attempted again in the same month.
    await on.rows(`UPDATE filing_summaries SET updated_at = now() - interval '32 days'`);
    await on.rows('UPDATE filing_budget_months SET spent_micros = 0');
    expect((await on.ask(1)).state).toBe('done');
  });

  it('a model of unknown price is counted at the fallback price, and its cost is reported as unknown', async () => {
    const own = {
      FILINGS_SUMMARY_PROVIDER: 'openai-compatible',
      FILINGS_SUMMARY_MODEL: 'our-own',
      FILINGS_SUMMARY_BASE_URL: `${on.model.origin}/openai/v1`,
      FILINGS_MONTHLY_BUDGET_USD: '1',
    };
    const node = await on.another(own, { unknownPrice: '1.00/10.00' });
    await on.register(1);
    on.model.behave({ kind: 'answer', text: 'A summary.', tokensIn: 1000, tokensOut: 100 });
    expect((await node.get(FilingSummaries).ask(accession(1))).state).toBe('done');
    expect((await month()).spent).toBe('2000');
    expect(await node.get(FilingsService).usage({})).toMatchObject({
      ...{ model: 'our-own', priceKnown: false, unpricedCalls: 1, costUsd: '0.000000', tokens: { in: 1000, out: 100 } },
      budget: { limitUsd: '1.000000', spentUsd: '0.002000', leftUsd: '0.998000' },
    });
  });

  it('the cost of a known model is exact to the millionth of a dollar', async () => {
    on.model.behave({ kind: 'answer', text: 'A summary.', tokensIn: 1234, tokensOut: 56 });
    await on.register(1);
    await on.ask(1);
    await on.ask(1);
    expect(await on.desk.get(FilingsService).usage({})).toMatchObject({
      ...{
        priceKnown: true,
        unpricedCalls: 0,
        costUsd: '0.000146',
        tokens: { in: 1234, out: 56 },
        asks: { hits: 1, misses: 1, shared: 0 },
      },
      models: [{ model: 'gemini-2.5-flash-lite', provider: 'gemini', calls: 1, costUsd: '0.000146' }],
    });
  });
});

describe('without a provider', () => {
  it('without a provider nothing is summarised, and filings, requests and /health report it', async () => {
    const desk = await testModule([EventsModule, FilingsModule]);
    try {
      const found = {
        accession: accession(1),
        form: '8-K',
        filers: [{ cik: '1', name: 'Acme' }],
        filedOn: '2025-12-12',
        filedAt: new Date(),
      };
      await desk.get(Transactions).atomic(() => desk.get(Filings).register([found]));
      expect(await desk.get(FilingSummaries).ask(accession(1))).toEqual({
        state: 'none',
        summary: null,
        reason: 'no provider configured',
      });
      expect((await desk.get(FilingsService).find(accession(1))).summary).toMatchObject({
        state: 'none',
        reason: 'no provider configured',
        text: null,
      });
      expect((await desk.get(HealthRegistry).report()).checks['filings']).toEqual({
        status: 'up',
        summaries: 'none: no provider configured',
      });
      expect(await desk.get(Database).rows('SELECT 1 FROM filing_summaries')).toEqual([]);
    } finally {
      await desk.close();
    }
  });

  it.each([
    [{ FILINGS_SUMMARY_PROVIDER: 'gemini' }, 'FILINGS_SUMMARY_API_KEY'],
    [{ FILINGS_SUMMARY_PROVIDER: 'openai-compatible', FILINGS_SUMMARY_MODEL: 'x' }, 'FILINGS_SUMMARY_BASE_URL'],
    [{ FILINGS_SUMMARY_PROVIDER: 'openai-compatible', FILINGS_SUMMARY_BASE_URL: 'http://x' }, 'FILINGS_SUMMARY_MODEL'],
  ])('an incomplete provider (%j) stops the start and names %s', async (env, key) => {
    await expect(
      testModule([EventsModule, FilingsModule], {
        env,
        database: { url: 'postgres://nobody@127.0.0.1:1/none', drop: () => Promise.resolve() },
      }),
    ).rejects.toThrow(key);
  });
});
