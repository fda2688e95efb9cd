import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { QueryRunner } from 'typeorm';
import { Database } from '#database';
import { defineEvent, EventLog } from '#events';
import { TrimBuiltInDedupeFields1766000000018 } from '../../migrations/1766000000018-trim-built-in-dedupe-fields.js';
import { alertDesk, type AlertDesk } from './alert-desk.fixture.js';

const SpecPrice = defineEvent('SpecPrice', 1, z.looseObject({ title: z.string() }));
const SpecQuote = defineEvent('SpecQuote', 1, z.strictObject({ title: z.string() }));

describe('alerts over HTTP', () => {
  let { app, priceRule, call, me, other, operator, write, record, lane } = {} as AlertDesk;
  beforeAll(async () => {
    ({ app, priceRule, call, me, other, operator, write, record, lane } = await alertDesk(SpecPrice.type));
  });
  afterAll(() => app.close());

  it('a rule is written, read, changed and deleted by its owner; another user gets 404', async () => {
    const channel = await lane(me.userId);
    const full = {
      ...priceRule,
      channels: [channel],
      quietHours: { timeZone: 'Asia/Kolkata', windows: [{ days: ['sat', 'sun'], from: '00:00', to: '24:00' }] },
      dedupe: { windowSeconds: 60, by: ['payload.ticker'] },
      message: { title: '{payload.title}!' },
    };
    const { status, body } = await call(me, 'POST', '/v1/alert-rules', full);
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...full, scope: 'mine', userId: me.userId, builtIn: null, enabled: true });
    expect((await call(me, 'GET', `/v1/alert-rules/${body.id}`)).body).toEqual(body);
    const changed = await call(me, 'PATCH', `/v1/alert-rules/${body.id}`, {
      enabled: false,
      quietHours: null,
      dedupe: null,
    });
    expect(changed.body).toEqual({
      ...body,
      enabled: false,
      quietHours: null,
      dedupe: null,
      updatedAt: expect.any(String),
    });
    for (const [method, given] of [['GET'], ['PATCH', { enabled: true }], ['DELETE']] as const)
      expect((await call(other, method, `/v1/alert-rules/${body.id}`, given)).status).toBe(404);
    expect((await call(other, 'GET', '/v1/alert-rules')).body.items).toEqual([]);
    expect((await call(operator, 'GET', `/v1/alert-rules?userId=${me.userId}`)).body.items).toHaveLength(1);
    expect((await call(me, 'DELETE', `/v1/alert-rules/${body.id}`)).status).toBe(204);
    expect((await call(me, 'GET', `/v1/alert-rules/${body.id}`)).status).toBe(404);
  });

  it('an invalid rule is refused by the path of the invalid part', async () => {
    const bad: [object, string][] = [
      [
        {
          condition: {
            all: [priceRule.condition, priceRule.condition, { any: [{ ...priceRule.condition, op: 'like' }] }],
          },
        },
        'condition.all[2].any[0].op',
      ],
      [{ severity: 'fatal' }, 'severity'],
      [{ channels: [randomUUID()] }, 'channels[0]'],
      [{ channels: [await lane(null), await lane(other.userId)] }, 'channels[1]'],
      [{ quietHours: { timeZone: 'Mars/Olympus', windows: [{ from: '22:00', to: '07:00' }] } }, 'quietHours.timeZone'],
      [{ quietHours: { timeZone: 'UTC', windows: [{ from: '00:00', to: '24:00' }] } }, 'quietHours.windows'],
      [{ message: { title: '{payload.a b}' } }, 'message.title'],
      [{ dedupe: { windowSeconds: 0 } }, 'dedupe.windowSeconds'],
      [{ more: 1 }, 'more'],
    ];
    for (const [rule, field] of bad) {
      const { status, body } = await call(me, 'POST', '/v1/alert-rules', { ...priceRule, ...rule });
      expect([status, body.errors?.[0]?.field]).toEqual([400, field]);
    }
  });

  it('a rule that names an unknown field is refused with the fields of its types, when saved, changed or tried', async () => {
    const halts = { op: 'equals', field: 'type', value: 'TradingHalted' };
    const unknown = {
      condition: { all: [halts, { op: 'exists', field: 'payload.price' }] },
      dedupe: { windowSeconds: 60, by: ['payload.symbol', 'payload.id'] },
      message: { title: '{payload.ticker}', body: '{payload.reasonCode}' },
    };
    const refusal = {
      status: 400,
      body: {
        code: 'ALERTS_FIELD_UNKNOWN',
        errors: [
          ['condition.all[1].field', 'payload.price'],
          ['message.title', 'payload.ticker'],
          ['dedupe.by[1]', 'payload.id'],
        ].map(([field, seen]) => ({
          ...{ field, seen },
          allowed: expect.stringMatching(/^a field of TradingHalted: type, broker, .*payload\.haltedAt/),
        })),
      },
    };
    const rule = { ...priceRule, ...unknown };
    expect(await call(me, 'POST', '/v1/alert-rules', rule)).toMatchObject(refusal);
    expect(await call(me, 'POST', '/v1/alert-rules/test', { rule })).toMatchObject(refusal);
    const { id } = await write(me, { condition: halts, message: { title: '{payload.symbol}' } });
    for (const patch of [
      { message: { title: '{payload.ticker}' } },
      { condition: { ...halts, value: 'NewsPublished' } }, // The message of the rule no longer fits.
    ])
      expect(await call(me, 'PATCH', `/v1/alert-rules/${id}`, patch)).toMatchObject({
        ...{ status: 400, body: { errors: [{ field: 'message.title' }] } },
      });
    await call(me, 'DELETE', `/v1/alert-rules/${id}`);
  });

  it('a rule stored with an unknown field keeps running, shows the issue, and can be changed elsewhere', async () => {
    const quotes = { ...priceRule.condition, value: 'SpecQuote' };
    const { id } = await write(me, { condition: quotes });
    const headline = { op: 'contains', field: 'payload.headline', value: 'x' };
    await app
      .get(Database)
      .rows(`UPDATE alert_rules SET condition = $2, title_template = '{payload.ticker}' WHERE id = $1`, [
        id,
        { all: [quotes, { not: headline }] },
      ]);
    const unknown = {
      problem: 'not allowed: write a field of SpecQuote: type, broker, userId, instrumentId, payload.title',
    };
    const issues = [
      { field: 'condition.all[1].not.field', seen: 'payload.headline', ...unknown },
      { field: 'message.title', seen: 'payload.ticker', ...unknown },
    ];
    const path = `/v1/alert-rules/${id}`;
    expect((await call(me, 'GET', path)).body.issues).toEqual(issues);
    expect((await call(me, 'PATCH', path, { severity: 'critical' })).body.issues).toEqual(issues);
    const mended = await call(me, 'PATCH', path, { message: {} });
    expect([mended.status, mended.body]).toMatchObject([200, { severity: 'critical', issues: issues.slice(0, 1) }]);
    expect((await call(me, 'POST', '/v1/alert-rules/test', { ruleId: id })).body.issues).toEqual(issues.slice(0, 1));
    await app.get(EventLog).record({ type: SpecQuote.type, payload: { title: 'still running' } });
    const alerts = await call(me, 'GET', `/v1/alerts?ruleId=${id}`);
    expect(alerts.body.items).toMatchObject([{ title: 'still running', severity: 'critical' }]);
    await call(me, 'DELETE', path);
  });

  it('no built-in rule has an issue, not even one that was written before fields were checked', async () => {
    const migration = new TrimBuiltInDedupeFields1766000000018();
    const runner = { query: (sql: string) => app.get(Database).rows(sql) } as unknown as QueryRunner;
    const fields = () =>
      app.get(Database).rows('SELECT built_in, dedupe_by FROM alert_rules WHERE built_in IS NOT NULL ORDER BY 1');
    const fresh = await fields();
    await migration.down(runner);
    expect((await fields()).find((row: any) => row.built_in === 'BreakerOpened')).toMatchObject({
      dedupe_by: { length: 6 },
    });
    await migration.up(runner);
    expect(await fields()).toEqual(fresh);
    const desk = (await call(operator, 'GET', '/v1/alert-rules?scope=desk&limit=100')).body.items;
    const builtIn = desk.filter((rule: any) => rule.builtIn !== null);
    expect(builtIn.length).toBeGreaterThan(10);
    expect(builtIn.flatMap((rule: any) => rule.issues)).toEqual([]);
  });

  it('only operators see and write rules of the desk, and built-in rules cannot be deleted', async () => {
    expect((await call(me, 'POST', '/v1/alert-rules', { ...priceRule, scope: 'desk' })).body.code).toBe(
      'ALERTS_DESK_FOR_OPERATORS',
    );
    expect((await call(me, 'GET', '/v1/alert-rules?scope=desk')).status).toBe(403);
    expect((await call(undefined, 'GET', '/v1/alert-rules')).status).toBe(401);
    const desk = (await call(operator, 'GET', '/v1/alert-rules?scope=desk')).body.items as {
      id: string;
      builtIn: string | null;
    }[];
    const builtIn = desk.find((rule) => rule.builtIn === 'BreakerOpened')!;
    expect((await call(operator, 'DELETE', `/v1/alert-rules/${builtIn.id}`)).body.code).toBe('ALERTS_RULE_BUILT_IN');
    expect(
      (await call(operator, 'PATCH', `/v1/alert-rules/${builtIn.id}`, { condition: priceRule.condition })).status,
    ).toBe(409);
    expect(
      (await call(operator, 'PATCH', `/v1/alert-rules/${builtIn.id}`, { severity: 'critical', enabled: false })).body,
    ).toMatchObject({ severity: 'critical', enabled: false });
  });

  it('alerts are listed by page and filter to their owner and operators, and acknowledged once', async () => {
    const mine = await write(me, {});
    await write(operator, { scope: 'desk', severity: 'critical' });
    for (const title of ['one', 'two', 'three']) await record(title);
    const list = async (who: { token: string } | undefined, query = '') =>
      (await call(who, 'GET', `/v1/alerts?type=SpecPrice${query}`)).body;
    const { items, nextCursor } = await list(me, '&limit=2');
    expect(items.map((alert: any) => [alert.title, alert.ruleId])).toEqual([
      ['three', mine.id],
      ['two', mine.id],
    ]);
    expect((await list(me, `&limit=2&cursor=${nextCursor}`)).items.map((alert: any) => alert.title)).toEqual(['one']);
    expect((await list(other)).items).toEqual([]);
    expect((await list(operator)).items).toHaveLength(6);
    expect((await list(operator, '&scope=desk&severity=critical')).items).toHaveLength(3);
    expect((await call(me, 'GET', '/v1/alerts?scope=desk')).status).toBe(403);

    const path = `/v1/alerts/${items[0].id}/acknowledge`;
    expect((await call(other, 'POST', path)).status).toBe(404);
    const both = await Promise.all([call(me, 'POST', path), call(operator, 'POST', path)]);
    const again = await call(me, 'POST', path);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(again.body.acknowledgedAt).toMatch(/Z$/);
    expect(both.map(({ body }) => [body.acknowledgedBy, body.acknowledgedAt])).toEqual(
      [0, 1].map(() => [again.body.acknowledgedBy, again.body.acknowledgedAt]),
    );
    expect((await list(me, '&acknowledged=true')).items.map((alert: any) => alert.title)).toEqual(['three']);
    expect((await list(me, '&acknowledged=false')).items).toHaveLength(2);
    await call(me, 'DELETE', `/v1/alert-rules/${mine.id}`);
  });

  it('a dry run over past events shows the matches and their messages, and raises nothing', async () => {
    const before = (await call(operator, 'GET', '/v1/alerts?limit=500')).body.items.length;
    for (const [title, ticker] of [
      ['Acme merger', 'ACME'],
      ['Acme merger again', 'ACME'],
      ['Other', 'OTHR'],
      ['<!channel> merger', 'X'],
    ] as const)
      await record(title, { ticker });
    const rule = {
      ...priceRule,
      condition: { all: [priceRule.condition, { op: 'contains', field: 'payload.title', value: 'merger' }] },
      channels: [await lane(null)],
      dedupe: { windowSeconds: 3_600, by: ['payload.ticker'] },
    };
    const { status, body } = await call(me, 'POST', '/v1/alert-rules/test', { rule });
    expect(status).toBe(200);
    expect(body).toMatchObject({ matched: 3, complete: true });
    const [channel, again, first] = body.matches;
    expect([first, again, channel].map((match) => match.event.payload.ticker)).toEqual(['ACME', 'ACME', 'X']);
    expect([first.countedOn, again.countedOn]).toEqual([null, first.event.id]);
    expect(channel.messages).toEqual([
      {
        format: 'slack',
        problem: null,
        message: expect.objectContaining({ text: '[WARNING] &lt;!channel&gt; merger' }),
      },
    ]);
    expect((await call(me, 'POST', '/v1/alert-rules/test', { rule, events: 1 })).body).toMatchObject({
      scanned: 1,
      complete: false,
    });
    const words = await call(me, 'POST', '/v1/alert-rules/test', {
      rule: { ...priceRule, message: { title: '{payload.nothing}' } },
    });
    expect(words.body.matches[0]).toMatchObject({
      unformattable: expect.stringContaining('payload.nothing'),
      messages: [],
    });
    expect((await call(me, 'POST', '/v1/alert-rules/test', {})).body.errors[0].field).toBe('rule');
    const written = await write(me, { enabled: false });
    expect((await call(me, 'POST', '/v1/alert-rules/test', { ruleId: written.id })).body.matched).toBeGreaterThan(4);
    expect((await call(other, 'POST', '/v1/alert-rules/test', { ruleId: written.id })).status).toBe(404);
    expect((await call(operator, 'GET', '/v1/alerts?limit=500')).body.items).toHaveLength(before + 4); // The operators' own rule for the events recorded above.
  });

  it('the metrics of alerts count', async () => {
    const { body } = await app.request('GET', '/metrics');
    for (const line of [
      /^alerts_raised_total\{severity="warning"[^}]*\} [1-9]/m,
      /^alerts_rules\{enabled="true"[^}]*\} [1-9]/m,
      /^alerts_evaluation_duration_seconds_count\S* [1-9]/m,
      /^alerts_deduplicated_total/m,
      /^alerts_unformattable_total/m,
      /^events_inbox_told_total/m,
    ]) {
      expect(body).toMatch(line);
    }
  });
});
