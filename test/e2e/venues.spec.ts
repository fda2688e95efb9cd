import { Database } from '#database';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

describe('the calendars of venues over HTTP', () => {
  let database: TestDatabase;
  let app: TestApp;
  let other: TestApp;
  let operator: string;
  let viewer: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    [app, other] = await Promise.all([startTestApp({ database }), startTestApp({ database })]);
    [operator, viewer] = [(await app.login('operator')).token, (await app.login('viewer')).token];
  });
  afterAll(async () => {
    await Promise.all([app.close(), other.close()]);
    await database.drop();
  });

  const days = async (query: string, from = app) =>
    (await from.request('GET', `/v1/venues/NSE/days?${query}`, { token: viewer })).body.days;
  const correct = (body: unknown, token = operator) => app.request('PUT', '/v1/venues/NSE/days', { token, body });

  it('everybody sees which venues are open, and their trading day', async () => {
    const { status, body } = await app.request('GET', '/v1/venues', { token: viewer });
    expect(status).toBe(200);
    expect(body.items.find(({ name }: { name: string }) => name === 'CRYPTO')).toMatchObject({
      open: true,
      knownTo: null,
      sessionDay: new Date().toISOString().slice(0, 10),
    });
    expect(body.items).toHaveLength(13);
  });

  it('days are shown with their sessions in UTC, a holiday with none', async () => {
    expect(await days('from=2026-11-24&to=2026-11-25')).toEqual([
      { day: '2026-11-24', tradingDay: null, sessions: [], known: true, correction: null },
      {
        day: '2026-11-25',
        tradingDay: '2026-11-25',
        sessions: [{ opens: '2026-11-25T03:45:00.000Z', closes: '2026-11-25T10:00:00.000Z' }],
        known: true,
        correction: null,
      },
    ]);
  });

  it('a day that operators correct counts in every process, and is recorded as an event', async () => {
    const closed = { day: '2026-12-01', sessions: [], reason: 'municipal election' };
    const { status, body } = await correct(closed);
    expect([status, body.tradingDay, body.correction]).toEqual([200, null, 'municipal election']);
    expect(await days('from=2026-12-01&to=2026-12-01')).toMatchObject([
      { sessions: [], correction: 'municipal election' },
    ]);
    await eventually(async () =>
      expect(await days('from=2026-12-01&to=2026-12-01', other)).toMatchObject([{ sessions: [] }]),
    );
    await correct({ day: '2026-12-01', sessions: null, reason: 'taken back' });
    expect(await days('from=2026-12-01&to=2026-12-01')).toMatchObject([{ tradingDay: '2026-12-01', correction: null }]);
    // Removing a missing correction changes nothing and records nothing.
    await correct({ day: '2026-12-01', sessions: null, reason: 'again' });
    const events = await app
      .get(Database)
      .rows(`SELECT payload->>'reason' AS reason FROM trading_events WHERE type = 'VenueDayCorrected' ORDER BY id`);
    expect(events).toEqual([{ reason: 'municipal election' }, { reason: 'taken back' }]);
  });

  it('only operators correct a day', async () => {
    const { status } = await correct({ day: '2026-12-02', sessions: [], reason: 'no' }, viewer);
    expect(status).toBe(403);
  });

  it.each([
    [{ sessions: [['15:30', '09:15']] }, 'sessions', 'closes before it opens'],
    [
      {
        sessions: [
          ['09:15', '12:00'],
          ['11:00', '15:30'],
        ],
      },
      'sessions',
      'two sessions overlap',
    ],
    [{ sessions: [['9:15', '15:30']] }, 'sessions[0][0]', 'no leading zero'],
    [{ sessions: [['09:15', '25:00']] }, 'sessions[0][1]', 'no such hour'],
    [{ day: '2026-02-30' }, 'day', 'no such day'],
    [{ reason: '' }, 'reason', 'no reason'],
  ])('%j is refused, naming %s (%s)', async (change, field, _why) => {
    const { status, body } = await correct({ day: '2026-12-02', sessions: [], reason: 'a test', ...change });
    expect([status, body.errors[0].field]).toEqual([400, field]);
  });

  it.each(['from=2026-12-02&to=2026-12-01', 'from=2026-01-01&to=2027-12-31'])(
    'the range %s is refused',
    async (query) => {
      const { status, body } = await app.request('GET', `/v1/venues/NSE/days?${query}`, { token: viewer });
      expect([status, body.code, body.errors[0].field]).toEqual([400, 'REQUEST_INVALID', 'to']);
    },
  );

  it('an unknown venue is refused with the names that are known', async () => {
    const { status, body } = await app.request('GET', '/v1/venues/XXXX/days', { token: viewer });
    expect([status, body.errors[0].allowed]).toEqual([400, expect.stringContaining('NSE, BSE, MCX')]);
  });
});
