import { Database } from '#database';
import { databaseConfig } from '#database/config';
import { InstrumentImporter } from '#instruments';
import { bytesOf, contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp, type TestResponse } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { attack, expectFair, sampleDashboard, takePriority, unfairness } from './fairness.fixture.js';

const SAMPLES = 50;

describe('a user who searches without end', () => {
  let desk: TestApp;
  let database: TestDatabase;
  let leavePriority: () => void;
  let viewer: string;
  let trader: string;
  let searches = 0;

  /** No two alike, because pages of the search are cached. */
  const search = () => desk.request('GET', `/v1/instruments?query=acme26%20${searches++}&limit=5`, { token: viewer });

  async function start(env: Record<string, string>): Promise<void> {
    // Ends running searches soon after the measurement.
    const internals = [databaseConfig.with({ analyticsStatementTimeoutMs: 2_000 })];
    desk = await startTestApp({ database, env, internals });
    viewer = (await desk.login('viewer')).token;
    trader = (await desk.login('trader')).token;
    await sampleDashboard(desk, trader, 5);
  }
  beforeAll(async () => {
    leavePriority = takePriority();
    database = await createTestDatabase();
  });
  afterAll(async () => {
    leavePriority();
    await database.drop();
  });
  afterEach(() => desk.close());

  /** Searches in 24 loops while another user reads the dashboard. */
  async function measure() {
    const baseline = await sampleDashboard(desk, trader, SAMPLES);
    const stop = attack(24, search);
    const attacked = await sampleDashboard(desk, trader, SAMPLES);
    const answers = await stop();
    let breaches = unfairness([baseline], attacked);
    // Perhaps the machine has become busier since.
    if (breaches.length > 0) breaches = unfairness([baseline, await sampleDashboard(desk, trader, SAMPLES)], attacked);
    return { breaches, answers };
  }

  /** Maximum number of concurrent searches in 50 samples of the connections for costly reads. The dashboard's cuts use these connections, too. */
  async function mostAtOnce(): Promise<number> {
    const stop = attack(24, search);
    let most = 0;
    for (let look = 0; look < 50; look++) {
      const [row] = await desk.get(Database).rows<{ running: number }>(
        `SELECT count(*)::integer AS running FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'deskwire-analytics' AND state <> 'idle'
            AND query LIKE 'WITH %'`,
      );
      most = Math.max(most, row!.running);
    }
    await stop();
    return most;
  }

  it('a user with many searches does not slow the dashboards of others, and is refused beyond the queue', async () => {
    await start({});
    await desk
      .get(InstrumentImporter)
      .import(bytesOf(kiteCsv(contracts(5_000))), { broker: 'zerodha', source: 'made' });
    const answers: TestResponse[] = [];
    await expectFair(async () => {
      const measured = await measure();
      answers.push(...measured.answers);
      return measured.breaches;
    });
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]!.headers.get('retry-after')).toBe('1');
    expect(refused[0]!.body).toMatchObject({
      code: 'THROTTLING_AT_ONCE',
      detail: 'Limit of concurrent costly requests reached (2 run and 16 wait per user). Retry after 1 s.',
    });
    expect(
      [...new Set(answers.map(({ status }) => status))].filter((status) => ![200, 429, 503].includes(status)),
    ).toEqual([]);
    const { body } = await desk.request<string>('GET', '/metrics');
    expect(body).toMatch(/throttling_refusals_total\{class="costly"\} [1-9]/);
    expect(await mostAtOnce()).toBeLessThanOrEqual(2);
  });

  // With the contracts of the test above. Compares counts instead of times, because the effect of many searches depends on the cores of the machine.
  it('without the limits a user runs more searches at once (negative control)', async () => {
    await start({ THROTTLING_MAX_COSTLY_READS: '1000', DATABASE_ANALYTICS_POOL_MAX: '26' });
    // The samples of one round may all miss the searches on a busy machine. With the limits no round finds three.
    await eventually(async () => expect(await mostAtOnce()).toBeGreaterThan(2));
  });
});
