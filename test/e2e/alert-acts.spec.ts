import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { defineEvent } from '#events';
import { alertDesk, type AlertDesk } from './alert-desk.fixture.js';

const SpecFilled = defineEvent('SpecFilled', 1, z.looseObject({ title: z.string() }));

describe('working with alerts over HTTP', () => {
  let { app, call, me, other, operator, write, record, lane } = {} as AlertDesk;
  beforeAll(async () => {
    ({ app, call, me, other, operator, write, record, lane } = await alertDesk(SpecFilled.type));
  });
  afterAll(() => app.close());

  it('an alert is shown with its event and the deliveries that its reader may see, and lists take several values of a filter', async () => {
    const channels = [await lane(me.userId), await lane(null)];
    const { id: ruleId } = await write(me, { channels });
    const { id: second } = await write(me, { severity: 'critical' });
    await record('Acme halted', { ticker: 'ACME' });
    await record('Berkshire', { ticker: 'BRK.B' });
    const list = async (query: string) =>
      (await call(me, 'GET', `/v1/alerts?ruleId=${ruleId}&${query}`)).body.items.map((alert: any) => alert.title);
    expect(await list('sort=raisedAt')).toEqual(['Acme halted', 'Berkshire']);
    expect(await list(`ruleId=${second}&severity=critical&severity=warning`)).toHaveLength(4);
    expect(await list('severity=critical')).toEqual([]);
    expect(await list('ticker=brk-b')).toEqual(['Berkshire']);
    expect(await list('type=SpecFilled&type=NewsPublished&ticker=ACME&ticker=X')).toEqual(['Acme halted']);
    const old = await call(me, 'GET', `/v1/alerts?rule=${ruleId}`);
    expect(old.body.items).toHaveLength(2);
    expect((await call(me, 'GET', `/v1/alerts?rule=${ruleId}&ruleId=${ruleId}`)).body.errors).toEqual([
      { field: 'rule', allowed: 'no such query parameter' },
    ]);
    const [{ id }] = old.body.items;
    const { status, body } = await call(me, 'GET', `/v1/alerts/${id}`);
    expect([status, body]).toMatchObject([
      200,
      { id, tickers: ['BRK-B'], event: { type: 'SpecFilled', payload: { title: 'Berkshire', ticker: 'BRK.B' } } },
    ]);
    expect(body.deliveries).toMatchObject([{ alertId: id, endpointId: channels[0] }]);
    expect((await call(operator, 'GET', `/v1/alerts/${id}`)).body.deliveries).toHaveLength(2);
    expect((await call(other, 'GET', `/v1/alerts/${id}`)).status).toBe(404);
    expect(await list(`correlationId=${encodeURIComponent(body.correlationId)}`)).toEqual(['Berkshire']);
    const trace = await call(
      me,
      'GET',
      `/v1/deliveries?alertId=${id}&from=2026-01-01T00:00:00Z&status=pending&status=dead`,
    );
    expect(trace.body.items).toEqual(body.deliveries);
    expect((await call(me, 'GET', `/v1/deliveries?alertId=${id}&to=2026-01-01T00:00:00Z`)).body.items).toEqual([]);
    for (const rule of [ruleId, second]) await call(me, 'DELETE', `/v1/alert-rules/${rule}`);
  });

  it('many alerts are acknowledged at once, each with a status, and those of others are not', async () => {
    const mine = await write(me, {});
    const theirs = await write(other, {});
    for (const title of ['first', 'second']) await record(title);
    const idsOf = async (who: typeof me, ruleId: string) =>
      (await call(who, 'GET', `/v1/alerts?ruleId=${ruleId}`)).body.items.map((alert: any) => alert.id as string);
    const [newest, oldest] = await idsOf(me, mine.id);
    const [foreign] = await idsOf(other, theirs.id);
    await call(me, 'POST', `/v1/alerts/${oldest}/acknowledge`);
    const ids = [newest, oldest, foreign, randomUUID()];
    const { status, body } = await call(me, 'POST', '/v1/alerts/acknowledge', { ids });
    expect([status, body.acknowledged]).toEqual([200, 1]);
    expect(body.items.map((item: any) => item.status)).toEqual(['acknowledged', 'unchanged', 'not_found', 'not_found']);
    expect((await call(me, 'POST', '/v1/alerts/acknowledge', { ids })).body.acknowledged).toBe(0);
    expect((await call(other, 'GET', `/v1/alerts/${foreign}`)).body.acknowledgedAt).toBeNull();
    expect((await call(operator, 'POST', '/v1/alerts/acknowledge', { ids: [foreign] })).body.acknowledged).toBe(1);
    expect((await call(me, 'POST', '/v1/alerts/acknowledge', { ids: [] })).status).toBe(400);
    for (const [who, rule] of [
      [me, mine],
      [other, theirs],
    ] as const)
      await call(who, 'DELETE', `/v1/alert-rules/${rule.id}`);
  });

  it('a silence is made, listed, changed and ended by the owner of its rules; another user gets 404', async () => {
    const viewer = await app.login('viewer');
    const { id: ruleId } = await write(me, {});
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const path = '/v1/alert-silences';
    const made = await app.request('POST', path, {
      token: me.token,
      body: { ruleId, until: soon, reason: 'Earnings' },
    });
    expect([made.status, made.headers.get('location')]).toEqual([201, `${path}/${made.body.id}`]);
    expect(made.body).toMatchObject({ userId: me.userId, ruleId, ticker: null, until: soon, active: true });
    await record('held');
    const [held] = (await call(me, 'GET', `/v1/alerts?ruleId=${ruleId}&silenced=true`)).body.items;
    expect(held).toMatchObject({ title: 'held', silencedBy: made.body.id });
    expect((await call(me, 'GET', `/v1/alerts?ruleId=${ruleId}&silenced=false`)).body.items).toEqual([]);
    const one = `${path}/${made.body.id}`;
    expect((await call(me, 'GET', `${path}?state=active&ruleId=${ruleId}`)).body.items).toEqual([made.body]);
    expect((await call(me, 'GET', `${path}?state=ended`)).body.items).toEqual([]);
    for (const method of ['GET', 'DELETE']) expect((await call(other, method, one)).status).toBe(404);
    expect((await call(other, 'POST', path, { ruleId, until: soon })).body.code).toBe('ALERTS_RULE_NOT_FOUND');
    expect((await call(viewer, 'POST', path, { ticker: 'X', until: soon })).status).toBe(403);
    expect((await call(me, 'POST', path, { ticker: 'X', scope: 'desk', until: soon })).body.code).toBe(
      'ALERTS_DESK_FOR_OPERATORS',
    );
    for (const [body, field] of [
      [{ until: soon }, 'ruleId'],
      [{ ruleId, until: '2020-01-01T00:00:00Z' }, 'until'],
      [{ ruleId, until: '2099-01-01T00:00:00Z' }, 'until'],
      [{ ruleId, scope: 'mine', until: soon }, 'scope'],
      [{ ticker: '$', until: soon }, 'ticker'],
    ] as const)
      expect((await call(me, 'POST', path, body)).body.errors[0].field).toBe(field);
    expect((await call(operator, 'PATCH', one, { reason: '' })).body).toMatchObject({ reason: '', until: soon });
    expect((await call(me, 'DELETE', one)).status).toBe(204);
    expect((await call(me, 'GET', one)).body.code).toBe('ALERTS_SILENCE_NOT_FOUND');
    await record('sent');
    expect((await call(me, 'GET', `/v1/alerts?ruleId=${ruleId}&silenced=false`)).body.items).toHaveLength(1);
    await call(me, 'DELETE', `/v1/alert-rules/${ruleId}`);
  });

  it('the metric of silenced alerts counts', async () => {
    const { body } = await app.request('GET', '/metrics');
    expect(body).toMatch(/^alerts_silenced_total\{severity="warning"[^}]*\} [1-9]/m);
  });

  it('rules are listed by severity and state, in the order of names or of creation', async () => {
    const names = ['Beta', 'Alpha', 'Gamma'];
    for (const name of names) await write(other, { name, severity: name === 'Beta' ? 'critical' : 'info' });
    const list = async (query: string) =>
      (await call(other, 'GET', `/v1/alert-rules?${query}`)).body as { items: any[]; nextCursor: string };
    const titles = ({ items }: { items: any[] }) => items.map(({ name }) => name);
    expect(titles(await list(''))).toEqual(names);
    expect(titles(await list('sort=-createdAt&severity=info'))).toEqual(['Gamma', 'Alpha']);
    const first = await list('sort=name&limit=2');
    const rest = await list(`sort=name&limit=2&cursor=${first.nextCursor}`);
    expect([...titles(first), ...titles(rest)]).toEqual(['Alpha', 'Beta', 'Gamma']);
    expect(titles(await list('enabled=false'))).toEqual([]);
    for (const { id } of (await list('')).items) await call(other, 'DELETE', `/v1/alert-rules/${id}`);
  });
});
