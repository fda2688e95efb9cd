import pg from 'pg';
import { DashboardService } from '../../libs/dashboard/dashboard.service.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

describe('the first cut of a process', () => {
  let app: TestApp | undefined;
  afterEach(() => app?.close());

  it('is there when the process is ready: the first dashboard is answered although PostgreSQL does not answer', async () => {
    app = await startTestApp();
    const { token } = await app.login('viewer');
    const hangs = new pg.Client({ connectionString: app.database.url });
    await hangs.connect();
    await hangs.query('BEGIN; LOCK TABLE alerts, portfolio_snapshots IN ACCESS EXCLUSIVE MODE');
    try {
      const { status, body } = await app.request('GET', '/v1/dashboard', { token });
      expect([status, Object.keys(body.panels)]).toEqual([200, expect.arrayContaining(['portfolios', 'alerts'])]);
    } finally {
      await hangs.query('ROLLBACK');
      await hangs.end();
    }
  });

  it('is not made by a process that serves no dashboard', async () => {
    app = await startTestApp({ env: { DESKWIRE_ROLE: 'worker' } });
    expect(app.get(DashboardService).clock.current).toBeUndefined();
  });
});
