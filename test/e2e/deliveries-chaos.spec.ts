import { chaos, type ChaosPlan } from './chaos.fixture.js';

const number = (name: string, byDefault: number) => Number(process.env[name] ?? byDefault);

/** `npm run test:chaos` runs the long form: 20,000 events, 20 kills, replaced nodes, the default lease, and the negative control. */
const plan: ChaosPlan = {
  events: number('CHAOS_EVENTS', 500),
  kills: number('CHAOS_KILLS', 2),
  killEveryMs: 700,
  lanes: 20,
  concurrency: 64,
  seed: number('CHAOS_SEED', 20_260_101),
  replaced: process.env['CHAOS'] === 'true',
  leaseMs: number('CHAOS_LEASE_MS', 8_000),
};

describe(`kill -9 (${plan.events} events, ${plan.kills} kills, seed ${plan.seed})`, () => {
  it('killed processes lose no delivery and double at most those in flight', async () => {
    const report = await chaos(plan);
    process.stdout.write(`chaos: ${JSON.stringify(report)}\n`);
    expect(report).toMatchObject({ acknowledged: plan.events, lost: 0, kills: plan.kills });
    expect(report.duplicates).toBeLessThanOrEqual(plan.kills * plan.concurrency);
    expect(report.most).toBeLessThanOrEqual(3);
  }, 800_000);

  // Defined in the long form only, so that it does not count as skipped.
  if (process.env['CHAOS'] === 'true')
    it('deliveries acknowledged before they are sent are lost (negative control)', async () => {
      const { lost } = await chaos({ ...plan, events: Math.min(plan.events, 1_000), kills: 2, ackBeforeSend: true });
      expect(lost).toBeGreaterThan(0);
    }, 800_000);
});
