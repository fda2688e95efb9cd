import { Caches } from '#caching';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

describe('the catalogue', () => {
  let desk: TestApp;
  let token: string;

  beforeAll(async () => {
    desk = await startTestApp();
    ({ token } = await desk.login('viewer'));
  });
  afterAll(() => desk.close());

  const read = async (headers: Record<string, string> = {}) => desk.request('GET', '/v1/catalogue', { token, headers });

  it('shows the fields of each type of event with what they hold', async () => {
    const { eventTypes, commonFields } = (await read()).body;
    const { fields, ...news } = eventTypes.find(({ type }: { type: string }) => type === 'NewsRevised');
    expect(news).toEqual({ type: 'NewsRevised', versions: [1], operator: null, confidential: false });
    expect(fields).toEqual(
      expect.arrayContaining([
        { path: 'payload.title', kinds: ['text'] },
        { path: 'payload.tickers', kinds: ['text'] },
        { path: 'payload.publishedAt', kinds: ['time'] },
        { path: 'payload.revision', kinds: ['number'] },
      ]),
    );
    const filing = eventTypes.find(({ type }: { type: string }) => type === 'FilingAmended');
    expect(filing.fields).toEqual(
      expect.arrayContaining([
        { path: 'payload.isAmendment', kinds: ['boolean'] },
        { path: 'payload.filers.cik', kinds: ['text'] },
        { path: 'payload.amendment', kinds: ['text'], values: ['linked', 'ambiguous', 'unlinked', 'original'] },
      ]),
    );
    const ofOperators = eventTypes.find(({ type }: { type: string }) => type === 'WebhookDisabled');
    expect(ofOperators).toMatchObject({ operator: 'critical' });
    expect(commonFields).toEqual(['type', 'broker', 'userId', 'instrumentId']);
  });

  it('a rule with any operator of the catalogue on a field of a fitting kind is accepted without an issue', async () => {
    const { operators, eventTypes } = (await read()).body;
    const values: Record<string, unknown> = {
      ...{ value: '5', values: ['5'], low: '1', high: '2', by: '5', unit: 'percent', withinSeconds: 60 },
    };
    const fields = eventTypes.find(({ type }: { type: string }) => type === 'FilingAmended').fields;
    for (const { op, kinds, members } of operators) {
      const field = fields.find((one: { kinds: string[] }) => kinds.includes(one.kinds[0]))?.path;
      const required = members.filter(({ required: must }: { required: boolean }) => must);
      const given = required.map(({ name }: { name: string }) => [name, values[name]]);
      const condition = {
        op,
        ...(field && { field }),
        ...Object.fromEntries(given),
        ...(op === 'moved' && { withinSeconds: 60 }),
      };
      const rule = {
        name: op,
        severity: 'info',
        condition: { all: [{ op: 'equals', field: 'type', value: 'FilingAmended' }, condition] },
      };
      const { status, body } = await desk.request('POST', '/v1/alert-rules', { token: await trader(), body: rule });
      expect([op, status, body.errors, body.issues]).toEqual([op, 201, undefined, []]);
    }
    expect(operators.length).toBeGreaterThan(12);
  });

  it('shows panels with the schema of their parameters, formats, venues, severities and roles', async () => {
    const { panels, messageFormats, venues, severities, roles } = (await read()).body;
    const alerts = panels.find(({ name }: { name: string }) => name === 'alerts');
    expect(alerts).toMatchObject({
      onlyByName: false,
      parameters: { properties: { severity: { enum: ['info', 'warning', 'critical'] } } },
    });
    expect(messageFormats).toContain('slack');
    expect(venues).toContain('NSE');
    expect(severities).toEqual(['info', 'warning', 'critical']);
    expect(roles).toEqual(['viewer', 'trader', 'operator', 'admin']);
  });

  it('names the exchanges of a broker once its master is imported, and until then answers 304 without a query', async () => {
    const before = await read();
    const of = (body: any, name: string) => body.brokers.find((broker: { name: string }) => broker.name === name);
    expect(of(before.body, 'zerodha')).toEqual({ name: 'zerodha', exchanges: [], imported: false });
    const held = { 'if-none-match': before.headers.get('etag')! };
    const loads = () =>
      desk
        .get(Caches)
        .reports()
        .find(({ name }) => name === 'catalogue')!.misses;
    const loaded = loads();
    expect((await read(held)).status).toBe(304);
    expect(loads()).toBe(loaded);
    const { token: admin } = await desk.login('admin');
    const headers = { 'content-type': 'text/csv' };
    await desk.request('POST', '/v1/instruments/imports?broker=zerodha', {
      token: admin,
      headers,
      body: kiteCsv(contracts(3)),
    });
    const after = await read(held);
    expect(after.status).toBe(200);
    expect(of(after.body, 'zerodha')).toEqual({ name: 'zerodha', exchanges: ['NFO'], imported: true });
  });

  let ofTrader: string | undefined;
  async function trader(): Promise<string> {
    return (ofTrader ??= (await desk.login('trader')).token);
  }
});
