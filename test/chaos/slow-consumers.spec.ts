import { LiveSockets } from '#realtime';
import { slowConsumers } from '../e2e/slow-consumers.fixture.js';
import { startTestApp } from '../setup/test-app.js';

const [STALLED, HEALTHY] = [20, 200];
const KIB = 1_024;

describe(`${STALLED} clients that do not read beside ${HEALTHY} that do`, () => {
  it('are closed after 10 s, while the others lose nothing and the unsent bytes stay bounded', async () => {
    const desk = await startTestApp({ env: { REALTIME_MAX_CONNECTIONS: '300', REALTIME_MAX_PER_USER: '300' } });
    const { token } = await desk.login('trader');
    const plan = { stalled: STALLED, healthy: HEALTHY, perSecond: 10, baselineMs: 15_000 };
    const report = await slowConsumers(desk, token, plan);
    process.stderr.write(`${JSON.stringify(report)}\n`);
    expect(report.lost).toBe(0);
    expect(desk.get(LiveSockets).closedBy.get('slow')).toBe(STALLED);
    expect(report.mostUnsent).toBeLessThanOrEqual(STALLED * (64 + 65 + 2) * KIB);
    // Some were behind before the last one was. They are looked at once per second.
    expect(report.closedAfterMs).toBeLessThan(15_000);
    expect(report.p99).toBeLessThan(Math.max(5 * report.baselineP99, report.baselineP99 + 200));
    await desk.close();
  });
});
