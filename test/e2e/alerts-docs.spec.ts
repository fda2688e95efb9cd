import { readFile } from 'node:fs/promises';
import { Database } from '#database';
import { DeliveryLanes } from '#deliveries';
import { EventLog } from '#events';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const filing = {
  ...{ sourceId: '0198b5f5-0000-7000-8000-000000000002', source: 'sec', accession: '0000320193-26-000001' },
  ...{ form: '8-K', baseForm: '8-K', isAmendment: false, company: 'Apple Inc.', companies: ['Apple Inc.'] },
  ...{ ciks: ['0000320193'], tickers: ['AAPL'], items: ['2.02', '9.01'], link: null },
  ...{ filers: [{ cik: '0000320193', name: 'Apple Inc.', role: null, ticker: 'AAPL' }] },
  ...{ filedOn: '2026-08-17', filedAt: '2026-08-17T03:45:00.000Z' },
};
const halt = {
  ...{ sourceId: filing.sourceId, source: 'nasdaq', symbol: 'ACME', tickers: ['ACME'], name: 'Acme', market: 'NASDAQ' },
  ...{ reasonCode: 'LUDP', haltedAt: filing.filedAt, resumesQuotingAt: null, resumesTradingAt: null },
  pauseThresholdPrice: '101.50',
};
/** For each rule in docs/alerts.md: an event that matches, one that does not, and the title of its alert. */
const EVENTS: Record<string, { type: string; fires: object; silent: object; title: string }> = {
  'Apple files an 8-K': {
    ...{ type: 'FilingPublished', fires: filing, silent: { ...filing, form: '10-K' } },
    title: 'Apple Inc. files 8-K',
  },
  'Halts above 100': {
    ...{ type: 'TradingHalted', fires: halt, silent: { ...halt, pauseThresholdPrice: '99.99' } },
    title: 'ACME halted: LUDP',
  },
};

describe('docs/alerts.md', () => {
  let app: TestApp;
  let blocks: Record<string, any>[];
  let trader: Awaited<ReturnType<TestApp['login']>>;
  beforeAll(async () => {
    const text = await readFile(new URL('../../docs/alerts.md', import.meta.url), 'utf8');
    blocks = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => JSON.parse(json!));
    const message = blocks.find((block) => 'event' in block)!;
    const { payload } = message['event'];
    EVENTS[message['rule'].name] = {
      ...{ type: message['event'].type, fires: payload, silent: { ...payload, title: 'Apple merger is a rumour' } },
      title: message['title'],
    };
    app = await startTestApp();
    trader = await app.login('trader');
    for (const endpointId of new Set(blocks.flatMap(({ channels }) => (channels as string[] | undefined) ?? [])))
      await app.get(DeliveryLanes).put({
        ...{ endpointId, channel: 'spec', format: 'generic', userId: trader.userId, operator: false },
        ...{ concurrency: 1, ratePerSecond: null },
      });
  });
  afterAll(() => app.close());
  const call = (method: string, path: string, body?: unknown) =>
    app.request(method, path, { token: trader.token, body });
  const record = (type: string, payload: object) => app.get(EventLog).record({ type, payload });

  it('every JSON example in docs/alerts.md is covered by these tests', () => {
    const kinds = blocks.map((block) => ['condition', 'rule', 'event'].filter((key) => key in block).join());
    expect(kinds.sort()).toEqual(['condition', 'condition', 'condition', 'rule', 'rule,event']);
  });

  it('rules in docs/alerts.md are saved without issues and raise an alert with its message for a matching event', async () => {
    const rules = blocks.filter((block) => 'condition' in block);
    expect(rules.map(({ name }) => name).sort()).toEqual(Object.keys(EVENTS).sort());
    for (const rule of rules) {
      const saved = await call('POST', '/v1/alert-rules', rule);
      expect([saved.status < 300, saved.body]).toMatchObject([true, { ...rule, issues: [] }]);
      const { type, fires, silent, title } = EVENTS[rule['name']]!;
      await record(type, silent);
      await record(type, fires);
      const { items } = (await call('GET', `/v1/alerts?ruleId=${saved.body.id}`)).body;
      expect(items).toEqual([expect.objectContaining({ title, unformattable: null })]);
      const sent = await app
        .get(Database)
        .rows('SELECT endpoint_id AS id FROM alert_delivery_queue WHERE alert_id = $1', [items[0].id]);
      expect(sent).toEqual(((rule['channels'] as string[] | undefined) ?? []).map((id) => ({ id })));
    }
  });

  it('docs/alerts.md shows the generic message of its first rule as it is sent', async () => {
    const message = blocks.find((block) => 'event' in block)!;
    const [row] = await app
      .get(Database)
      .rows<{ body: string }>(
        `SELECT q.body FROM alert_delivery_queue q JOIN alerts a ON a.id = q.alert_id WHERE a.rule_name = $1`,
        [message['rule'].name],
      );
    const varying = { id: expect.any(String), timestamp: expect.any(String) };
    expect(JSON.parse(row!.body)).toEqual({
      ...{ ...message, ...varying },
      event: { ...message['event'], id: expect.any(String), occurredAt: expect.any(String) },
      rule: { ...message['rule'], id: expect.any(String) },
    });
  });

  it('the dry run in docs/alerts.md finds the matching event', async () => {
    const trial = blocks.find((block) => 'rule' in block && !('event' in block))!;
    const { status, body } = await call('POST', '/v1/alert-rules/test', trial);
    expect([status, body]).toMatchObject([200, { matched: 2, complete: true, issues: [] }]);
  });
});
