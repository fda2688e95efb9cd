import { randomBytes } from 'node:crypto';
import { Database } from '#database';
import { checkedPayload } from '../../../libs/events/event-type.js';
import { SessionsModule, SessionsService } from '#sessions';
import { SessionsRepository } from '../../../libs/sessions/sessions.repository.js';
import { SessionExpiry } from '../../../libs/sessions/session-expiry.js';
import { SessionTokens } from '../../../libs/sessions/session-tokens.service.js';
import { testEnvironment } from '../../setup/test-environment.js';
import { testModule } from '../../setup/test-module.js';

const GIVEN = {
  broker: 'zerodha',
  loginMethod: 'totp' as const,
  expiresAt: '2031-01-01T00:00:00Z',
  details: { shift: 'morning' },
};

describe('saving a broker session', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let sessions: SessionsService;
  let database: Database;
  let userId: string;
  let accounts = 0;
  const account = (): string => `AB${accounts++}`;
  const given = (at: string, accessToken: string, more = {}) => ({ ...GIVEN, account: at, accessToken, ...more });
  const rowsOf = (at: string) =>
    database.rows<{ xmin: string; token_epoch: number; state: string; is_active: boolean }>(
      'SELECT xmin::text, ctid::text, token_epoch, state, is_active FROM trading_sessions WHERE account = $1',
      [at],
    );
  const eventsOf = async (at: string): Promise<string[]> =>
    (
      await database.rows<{ type: string }>(
        `SELECT type FROM trading_events WHERE payload->>'account' = $1 ORDER BY (payload->>'tokenEpoch')::integer, id`,
        [at],
      )
    ).map((row) => row.type);
  const changes = async (): Promise<number> =>
    (await database.rows<{ count: number }>('SELECT count(*)::integer AS count FROM change_feed'))[0]!.count;
  const openToken = async (at: string): Promise<string> =>
    (await module.get(SessionTokens).open({ userId, broker: 'zerodha', account: at })).token.reveal();

  beforeAll(async () => {
    module = await testModule([SessionsModule]);
    sessions = module.get(SessionsService);
    database = module.get(Database);
    const [user] = await database.rows<{ id: string }>(
      `INSERT INTO users (email, password_hash, display_name, roles) VALUES ('s@example.com', 'x', 'S', '{trader}') RETURNING id`,
    );
    userId = user!.id;
  });
  afterAll(() => module.close());

  it('100 saves at once with a token each leave one row, no error, epoch 100 and the last token', async () => {
    const at = account();
    const saved = await Promise.all(
      Array.from({ length: 100 }, (_, n) => sessions.save(userId, given(at, `token-${n}-of-many`))),
    );
    expect(await rowsOf(at)).toMatchObject([{ token_epoch: 100, state: 'active', is_active: true }]);
    expect(saved.map((each) => each.tokenEpoch).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, n) => n + 1),
    );
    expect(await openToken(at)).toBe(`token-${saved.findIndex((each) => each.tokenEpoch === 100)}-of-many`);
    const types = await eventsOf(at);
    expect(types).toHaveLength(100);
    expect(types.filter((type) => type === 'SessionOpened')).toHaveLength(1);
  });

  it('a second token is kept with the first, is part of its epoch, and is gone after a save without it', async () => {
    const at = account();
    const open = () => module.get(SessionTokens).open({ userId, broker: 'zerodha', account: at });
    await sessions.save(userId, given(at, 'the-access-token', { feedToken: 'the-feed-token' }));
    const [stored] = await database.rows<{ row: string }>(
      'SELECT s::text AS row FROM trading_sessions s WHERE account = $1',
      [at],
    );
    expect(stored!.row).not.toMatch(/the-(?:access|feed)-token/);
    const both = await open();
    expect([both.token.reveal(), both.feedToken?.reveal()]).toEqual(['the-access-token', 'the-feed-token']);
    const again = await sessions.save(userId, given(at, 'the-access-token', { feedToken: 'the-feed-token' }));
    expect([again.outcome, JSON.stringify(again)]).toEqual(['unchanged', expect.not.stringContaining('feed-token')]);
    const other = await sessions.save(userId, given(at, 'the-access-token', { feedToken: 'another-feed-token' }));
    expect([other.outcome, other.tokenEpoch]).toEqual(['token_changed', 2]);
    expect((await sessions.save(userId, given(at, 'the-access-token'))).outcome).toBe('token_changed');
    const alone = await open();
    expect([alone.token.reveal(), alone.feedToken]).toEqual(['the-access-token', undefined]);
  });

  it('100 saves at once with the same token make one epoch, one event and one change', async () => {
    const at = account();
    const before = await changes();
    const saved = await Promise.all(
      Array.from({ length: 100 }, () => sessions.save(userId, given(at, 'the-same-token'))),
    );
    expect(saved.filter((each) => each.outcome === 'opened')).toHaveLength(1);
    expect(saved.filter((each) => each.outcome === 'unchanged')).toHaveLength(99);
    expect(await rowsOf(at)).toMatchObject([{ token_epoch: 1 }]);
    expect(await eventsOf(at)).toEqual(['SessionOpened']);
    expect((await changes()) - before).toBe(2); // the session and its event
  });

  it('saving the same again writes no row version, no event and no change', async () => {
    const at = account();
    await sessions.save(userId, given(at, 'same', { details: { b: 1, a: [1, { c: null }] } }));
    const [row, feed] = [await rowsOf(at), await changes()];
    const again = await sessions.save(
      userId,
      given(at, 'same', { details: { a: [1, { c: null }], b: 1 }, expiresAt: '2031-01-01T05:30:00.000+05:30' }),
    );
    expect(again).toMatchObject({ outcome: 'unchanged', tokenEpoch: 1 });
    expect(await rowsOf(at)).toEqual(row);
    expect(await changes()).toBe(feed);
    expect(await eventsOf(at)).toEqual(['SessionOpened']);
  });

  it('saving the same token with another expiry moves the expiry and keeps the epoch', async () => {
    const at = account();
    await sessions.save(userId, given(at, 'same'));
    const saved = await sessions.save(userId, given(at, 'same', { expiresAt: '2032-01-01T00:00:00Z' }));
    expect(saved).toMatchObject({ outcome: 'updated', tokenEpoch: 1, expiresAt: '2032-01-01T00:00:00.000Z' });
    expect(await eventsOf(at)).toEqual(['SessionOpened']);
  });

  it('saving a token that was replaced before counts as another token', async () => {
    const at = account();
    for (const token of ['a', 'b', 'a']) await sessions.save(userId, given(at, token));
    expect(await rowsOf(at)).toMatchObject([{ token_epoch: 3 }]);
    expect(await eventsOf(at)).toEqual(['SessionOpened', 'SessionTokenChanged', 'SessionTokenChanged']);
  });

  it('saving a closed session opens it again, and the same token counts as new because it was erased', async () => {
    const at = account();
    const { id } = await sessions.save(userId, given(at, 'same'));
    const principal = {
      userId,
      roles: ['trader'] as const,
      loginId: id,
      expiresAt: new Date(),
      via: 'login' as const,
    };
    await sessions.close(principal, id);
    await expect(openToken(at)).rejects.toMatchObject({ code: 'SESSIONS_NOT_ACTIVE' });
    const [row] = await database.rows(
      'SELECT access_token_sealed, token_fingerprint, state FROM trading_sessions WHERE id = $1',
      [id],
    );
    expect(row).toEqual({ access_token_sealed: null, token_fingerprint: null, state: 'closed' });
    await sessions.close(principal, id);
    expect(await sessions.save(userId, given(at, 'same'))).toMatchObject({ id, outcome: 'opened', tokenEpoch: 2 });
    // Sorted: within one millisecond ids have no order of their own.
    expect((await eventsOf(at)).sort()).toEqual(['SessionClosed', 'SessionOpened', 'SessionOpened']);
  });

  it('a sealed token copied into another row does not open', async () => {
    const [mine, other] = [account(), account()];
    await sessions.save(userId, given(mine, 'mine'));
    await sessions.save(userId, given(other, 'other'));
    await database.run(
      'UPDATE trading_sessions SET access_token_sealed = (SELECT access_token_sealed FROM trading_sessions WHERE account = $1) WHERE account = $2',
      [mine, other],
    );
    await expect(openToken(other)).rejects.toMatchObject({ code: 'SEALING_CANNOT_OPEN' });
    expect(await openToken(mine)).toBe('mine');
  });

  it('session events are recorded with payloads of their declared shape', async () => {
    const expiring = await sessions.save(
      userId,
      given(account(), 'soon', { expiresAt: new Date(Date.now() + 10_000).toISOString() }),
    );
    await module.get(SessionExpiry).tick(new Date(Date.parse(expiring.expiresAt)));
    const rows = await database.rows<{ type: string; version: number; payload: unknown }>(
      'SELECT type, version, payload FROM trading_events',
    );
    expect(new Set(rows.map((row) => row.type)).size).toBeGreaterThanOrEqual(4);
    for (const { type, version, payload } of rows)
      expect(checkedPayload(type, payload, version).payload).toEqual(payload);
  });

  it('no table holds a token in clear, in hexadecimal or in base64', async () => {
    const secrets = Array.from({ length: 5 }, () => randomBytes(24).toString('base64url'));
    const at = account();
    for (const secret of secrets) await sessions.save(userId, given(at, secret));
    const tables = await database.rows<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    expect(tables.map((table) => table.name)).toContain('trading_sessions');
    let dump = '';
    for (const { name } of tables) {
      for (const row of await database.rows<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${name} t`))
        dump += `${row.row}\n`;
    }
    expect(dump).toContain(at);
    const forms = (text: string) => [
      text,
      Buffer.from(text).toString('hex'),
      Buffer.from(text).toString('base64').replace(/=+$/, ''),
    ];
    const key = Buffer.from(testEnvironment('')['SESSIONS_ENCRYPTION_KEY']!, 'hex');
    const keys = [key.toString('hex'), key.toString('base64')];
    for (const secret of [...secrets.flatMap(forms), ...keys]) expect(dump.includes(secret)).toBe(false);
  });

  it('summaries list each session in id order, without token or details', async () => {
    const summaries = await module.get(SessionsRepository).summaries();
    expect(summaries.map((each) => each.id)).toEqual(summaries.map((each) => each.id).sort());
    expect(Object.keys(summaries[0]!).sort()).toEqual(
      [
        'account',
        'broker',
        'expiresAt',
        'id',
        'isActive',
        'loginMethod',
        'state',
        'tokenEpoch',
        'updatedAt',
        'userId',
      ].sort(),
    );
  });

  it('removing a user removes the sessions of that user', async () => {
    await database.run('DELETE FROM users WHERE id = $1', [userId]);
    expect(await module.get(SessionsRepository).summaries()).toEqual([]);
    await expect(sessions.save(userId, given(account(), 't'))).rejects.toMatchObject({
      constraint: 'fk_trading_sessions_user',
    });
  });
});
