import { Database } from '#database';
import { SessionsModule, SessionsService } from '#sessions';
import { SessionsRepository } from '../../../libs/sessions/sessions.repository.js';
import { sessionsConfig } from '#sessions/config';
import { SessionExpiry } from '../../../libs/sessions/session-expiry.js';
import { SessionTokens } from '../../../libs/sessions/session-tokens.service.js';
import { eventually } from '../../setup/eventually.js';
import { testModule } from '../../setup/test-module.js';

const MINUTE = 60_000;
/** Longer than any wait in this suite, so no test passes because of a poll. */
const POLL_MS = 60_000;
const ENDS = new Date('2031-01-01T12:00:00.000Z');
const before = (ms: number): Date => new Date(ENDS.getTime() - ms);

describe('the expiry of broker sessions', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let expiry: SessionExpiry;
  let sessions: SessionsService;
  let database: Database;
  let userId: string;
  const save = (account: string, accessToken: string, expiresAt = ENDS) =>
    sessions.save(userId, {
      broker: 'upstox',
      account,
      accessToken,
      loginMethod: 'oauth',
      expiresAt: expiresAt.toISOString(),
      details: {},
    });
  const state = async (id: string) =>
    (
      await database.rows(
        'SELECT state, is_active, access_token_sealed IS NULL AS erased FROM trading_sessions WHERE id = $1',
        [id],
      )
    )[0];
  const told = async (id: string): Promise<string[]> =>
    (
      await database.rows<{ type: string }>(
        `SELECT type FROM trading_events WHERE payload->>'sessionId' = $1 AND type NOT IN ('SessionOpened', 'SessionTokenChanged') ORDER BY id`,
        [id],
      )
    ).map((row) => row.type);

  beforeAll(async () => {
    module = await testModule([SessionsModule], { internals: [sessionsConfig.with({ expiryPollMs: POLL_MS })] });
    expiry = module.get(SessionExpiry);
    sessions = module.get(SessionsService);
    database = module.get(Database);
    const [user] = await database.rows<{ id: string }>(
      `INSERT INTO users (email, password_hash, display_name, roles) VALUES ('e@example.com', 'x', 'E', '{trader}') RETURNING id`,
    );
    userId = user!.id;
  });
  afterAll(() => module.close());
  beforeEach(() => database.run('DELETE FROM trading_sessions'));

  it('a session is announced 15 minutes before it expires and again when it does, each once, and its token is erased', async () => {
    const { id } = await save('A1', 'token');
    await expiry.tick(before(15 * MINUTE + 1));
    expect(await state(id)).toEqual({ state: 'active', is_active: true, erased: false });
    for (let n = 0; n < 3; n++) await expiry.tick(before(15 * MINUTE));
    expect(await state(id)).toEqual({ state: 'expiring', is_active: true, erased: false });
    await expiry.tick(before(1));
    expect(await told(id)).toEqual(['SessionExpiring']);
    for (let n = 0; n < 3; n++) await expiry.tick(ENDS);
    expect(await state(id)).toEqual({ state: 'expired', is_active: false, erased: true });
    expect(await told(id)).toEqual(['SessionExpiring', 'SessionExpired']);
  });

  it('a session that expired while no process ran is recorded as expired only', async () => {
    const { id } = await save('A1', 'token');
    await expiry.tick(new Date(ENDS.getTime() + 86_400_000));
    expect(await told(id)).toEqual(['SessionExpired']);
  });

  it('8 watchers of 2,500 sessions record each expiry once, with a change for each row and event', async () => {
    await database.run(
      `INSERT INTO trading_sessions (user_id, broker, account, access_token_sealed, token_epoch, login_method, expires_at, is_active, state)
       SELECT $1, 'upstox', 'bulk' || n, 'sealed', 1, 'oauth', $2, true, 'active' FROM generate_series(1, 2500) AS n`,
      [userId, ENDS],
    );
    await database.run('DELETE FROM change_feed');
    await database.run('DELETE FROM trading_events');
    for (const [now, type] of [
      [before(MINUTE), 'SessionExpiring'],
      [ENDS, 'SessionExpired'],
    ] as const) {
      const moved = await Promise.all(Array.from({ length: 8 }, () => expiry.tick(now)));
      await expiry.tick(now);
      expect(moved.reduce((sum, each) => sum + each.expiring + each.expired, 0)).toBeLessThanOrEqual(2500);
      const [row] = await database.rows(
        `SELECT count(*)::integer AS events, count(DISTINCT payload->>'sessionId')::integer AS sessions FROM trading_events WHERE type = $1`,
        [type],
      );
      expect(row).toEqual({ events: 2500, sessions: 2500 });
    }
    expect(
      await database.rows('SELECT topic, count(*)::integer AS count FROM change_feed GROUP BY topic ORDER BY topic'),
    ).toEqual([
      { topic: 'events', count: 5000 },
      { topic: 'sessions', count: 5000 },
    ]);
  });

  it('a new token moves the expiry, which is then announced again', async () => {
    const { id } = await save('A1', 'first');
    await expiry.tick(before(MINUTE));
    const later = new Date(ENDS.getTime() + 60 * MINUTE);
    expect(await save('A1', 'second', later)).toMatchObject({ state: 'active', tokenEpoch: 2 });
    await expiry.tick(ENDS);
    expect(await told(id)).toEqual(['SessionExpiring']);
    await expiry.tick(later);
    expect(await told(id)).toEqual(['SessionExpiring', 'SessionExpired']);
  });

  it('an expired session opens again with the same token and a later expiry, in the same epoch', async () => {
    const { id } = await save('A1', 'same');
    await expiry.tick(ENDS);
    expect(await save('A1', 'same')).toMatchObject({ outcome: 'unchanged', state: 'expired' });
    expect(await save('A1', 'same', new Date(ENDS.getTime() + 60 * MINUTE))).toMatchObject({
      id,
      outcome: 'opened',
      tokenEpoch: 1,
      state: 'active',
    });
    const opened = await module.get(SessionTokens).open({ userId, broker: 'upstox', account: 'A1' });
    expect(opened.token.reveal()).toBe('same');
  });

  it('a session locked by a save is left for the next run and does not delay the others', async () => {
    const [held, free] = [await save('A1', 'a'), await save('A2', 'b')];
    const { default: pg } = await import('pg');
    const client = new pg.Client(module.database.url);
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query('SELECT FROM trading_sessions WHERE id = $1 FOR UPDATE', [held.id]);
      expect(await expiry.tick(ENDS)).toEqual({ expiring: 0, expired: 1 });
      expect(await told(free.id)).toEqual(['SessionExpired']);
      await client.query('ROLLBACK');
    } finally {
      await client.end();
    }
    expect(await expiry.tick(ENDS)).toEqual({ expiring: 0, expired: 1 });
  });

  it('the watcher records an expiry when it comes, long before the next poll', async () => {
    const { id } = await save('A1', 'token', new Date(Date.now() + 5_000));
    await eventually(async () => expect(await state(id)).toMatchObject({ state: 'expired' }), POLL_MS / 2);
    expect(await told(id)).toEqual(['SessionExpiring', 'SessionExpired']);
    const [event] = await database.rows<{ early: boolean }>(
      `SELECT e.occurred_at < s.expires_at AS early FROM trading_events e, trading_sessions s
       WHERE e.type = 'SessionExpired' AND s.id = $1 AND e.payload->>'sessionId' = $1::text`,
      [id],
    );
    expect(event).toEqual({ early: false });
  });

  it('the table refuses a row whose state, active flag and token disagree', async () => {
    const { id } = await save('A1', 'token');
    // An active session may lack its token: a secondary region has none of them.
    for (const change of [
      `is_active = false`,
      `state = 'expired'`,
      `state = 'expired', is_active = false`,
      `state = 'else'`,
    ]) {
      await expect(database.run(`UPDATE trading_sessions SET ${change} WHERE id = $1`, [id])).rejects.toMatchObject({
        code: '23514',
      });
    }
    expect((await module.get(SessionsRepository).summaries())[0]).toMatchObject({ id, state: 'active' });
  });
});
