import { databaseConfig } from '#database/config';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { attack, sampleDashboard, takePriority, unfairness } from './fairness.fixture.js';

describe('a user who searches without end', () => {
  let desk: TestApp;
  let leavePriority: () => void;
  let viewer: string;
  let trader: string;

  async function start(env: Record<string, string>): Promise<void> {
    // So that searches still in progress end soon after the measurement.
    desk = await startTestApp({ env, internals: [databaseConfig.with({ analyticsStatementTimeoutMs: 2_000 })] });
    const { token } = await desk.login('operator');
    const imported = await desk.request('POST', '/v1/instruments/imports?broker=zerodha', {
      token,
      body: kiteCsv(contracts(5_000)),
      headers: { 'content-type': 'text/csv' },
    });
    expect(imported.status).toBe(201);
    viewer = (await desk.login('viewer')).token;
    trader = (await desk.login('trader')).token;
    await sampleDashboard(desk, trader, 5);
  }
  beforeAll(() => {
    leavePriority = takePriority();
  });
  afterAll(() => leavePriority());
  afterEach(() => desk.close());

  async function measure() {
    const baseline = await sampleDashboard(desk, trader, 100);
    const stop = attack(24, () => desk.request('GET', '/v1/instruments?query=acme26&limit=5', { token: viewer }));
    const attacked = await sampleDashboard(desk, trader, 100);
    const answers = await stop();
    const after = await sampleDashboard(desk, trader, 100);
    return { breaches: unfairness([baseline, after], attacked), answers };
  }

  it('leaves the dashboards of others as they were, and is refused beyond the queue', async () => {
    await start({});
    const { breaches, answers } = await measure();
    expect(breaches).toEqual([]);
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
  }, 120_000);

  it('without the limits hurts the dashboards of others (negative control)', async () => {
    await start({ THROTTLING_MAX_COSTLY_READS: '1000', DATABASE_ANALYTICS_POOL_MAX: '26' });
    const { breaches } = await measure();
    expect(breaches).not.toEqual([]);
  }, 120_000);
});
