import { Database } from '#database';
import { checkedPayload } from '../../libs/events/event-type.js';
import { SecurityActRecorded } from '../../libs/audit/security-event.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const { type } = SecurityActRecorded;

describe('events of acts of security', () => {
  let desk: TestApp;
  let admin: Awaited<ReturnType<TestApp['login']>>;
  let trader: Awaited<ReturnType<TestApp['login']>>;
  let stranger: Awaited<ReturnType<TestApp['login']>>;

  beforeAll(async () => {
    desk = await startTestApp();
    [admin, trader, stranger] = [await desk.login('admin'), await desk.login('trader'), await desk.login('trader')];
  });
  afterAll(() => desk.close());

  const eventsOf = async ({ token }: { token: string }) =>
    (await desk.request('GET', `/v1/events?type=${type}&limit=500`, { token })).body.items as any[];
  const makeKey = ({ token }: { token: string }) =>
    desk.request('POST', '/v1/auth/api-keys', { token, body: { name: 'key', roles: ['viewer'], expiresInDays: 1 } });

  it('every record of the audit trail has one event with the same facts, of the declared shape', async () => {
    const made = await makeKey(trader);
    expect(made.status).toBe(201);
    const body = { email: trader.email, password: 'not the password' };
    expect((await desk.request('POST', '/v1/auth/login', { body })).status).toBe(401);
    const rows = await desk.get(Database).rows<any>(
      `SELECT r.id, r.action, r.subject_id, r.actor_id, r.owner_id, host(r.address) AS address, r.after, r.correlation_id,
         e.version, e.user_id, e.correlation_id AS event_correlation, e.payload
       FROM audit_records r LEFT JOIN trading_events e ON e.type = $1 AND e.payload ->> 'recordId' = r.id::text`,
      [type],
    );
    const [{ count }] = (await desk
      .get(Database)
      .rows(`SELECT count(*)::integer AS count FROM trading_events WHERE type = $1`, [type])) as [{ count: number }];
    expect(rows).toHaveLength(count);
    expect(new Set(rows.map(({ action }) => action))).toEqual(
      new Set(['user_added', 'signed_in', 'api_key_made', 'sign_in_refused']),
    );
    for (const row of rows) {
      expect(checkedPayload(type, row.payload, row.version).payload).toEqual(row.payload);
      expect(row.event_correlation).toBe(row.correlation_id);
      expect(row.user_id).toBe(row.owner_id ?? row.actor_id);
      expect(row.payload).toMatchObject({
        ...{ action: row.action, actorId: row.actor_id, subjectId: row.subject_id, ownerId: row.owner_id },
        ...{ address: row.address, after: row.after },
      });
    }
  });

  it('users see their own, without the address of another user who acted; operators see all', async () => {
    const path = `/v1/users/${trader.userId}`;
    const changed = await desk.request('PATCH', path, { token: admin.token, body: { displayName: 'Somebody else' } });
    expect(changed.status).toBe(200);
    const own = await eventsOf(trader);
    expect(own.every(({ userId }) => userId === trader.userId)).toBe(true);
    expect(own[0].payload).toMatchObject({ action: 'user_changed', actorId: admin.userId, address: null });
    expect(own.find(({ payload }) => payload.action === 'api_key_made').payload.address).toBe('127.0.0.1');
    expect((await eventsOf(stranger)).some(({ userId }) => userId !== stranger.userId)).toBe(false);
    const all = await eventsOf(admin);
    expect(all.length).toBeGreaterThan(own.length);
  });

  it('rules of a user match the own acts only, and no sign-in of nobody; rules of the desk match all', async () => {
    const rule = { name: 'acts', severity: 'info', condition: { op: 'equals', field: 'type', value: type } };
    const write = (who: { token: string }, more = {}) =>
      desk.request('POST', '/v1/alert-rules', { token: who.token, body: { ...rule, ...more } });
    expect((await write(stranger)).status).toBe(201);
    expect((await write(admin, { scope: 'desk' })).status).toBe(201);
    const nobody = { email: 'nobody@test.example', password: 'not the password' };
    expect((await desk.request('POST', '/v1/auth/login', { body: nobody })).status).toBe(401);
    await makeKey(trader);
    const alertsOf = async ({ token }: { token: string }) =>
      (await desk.request('GET', '/v1/alerts?limit=500', { token })).body.items as any[];
    const events = new Map((await eventsOf(admin)).map((event) => [event.id, event]));
    await eventually(async () => {
      const seen = (await alertsOf(admin)).map(({ eventId }) => events.get(eventId));
      expect(seen.some((event) => event?.userId === null && event.payload.action === 'sign_in_refused')).toBe(true);
      expect(seen.some((event) => event?.userId === trader.userId && event.payload.action === 'api_key_made')).toBe(
        true,
      );
    });
    const mine = (await alertsOf(stranger)).map(({ eventId }) => events.get(eventId));
    expect(mine.filter((event) => event?.userId !== stranger.userId)).toEqual([]);
    const trial = await desk.request('POST', '/v1/alert-rules/test', { token: stranger.token, body: { rule } });
    expect(trial.body.matched).toBe((await eventsOf(stranger)).length);
  });
});
