import { contracts, KITE_HEADER, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const ANGEL = {
  format: 'json',
  key: ['exch_seg', 'token'],
  columns: {
    exchange: 'exch_seg',
    tradingsymbol: 'symbol',
    name: 'name',
    instrumentType: 'instrumenttype',
    expiry: { column: 'expiry', formats: ['DDMMMYYYY'] },
    strike: { column: 'strike', blank: ['-1.000000'], divideBy: 100 },
    lotSize: 'lotsize',
  },
};
const master = (count: number, symbol = 'MADE') =>
  JSON.stringify(
    Array.from({ length: count }, (_, index) => ({
      token: String(index),
      symbol: `${symbol}${index}-EQ`,
      name: `Made ${index}`,
      expiry: '',
      strike: '-1.000000',
      lotsize: '1',
      instrumenttype: '',
      exch_seg: 'NSE',
    })),
  );

describe('mappings of instrument masters over HTTP', () => {
  let desk: TestApp;
  let operator: string;
  let trader: string;
  const call = (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: unknown, token = operator) =>
    desk.request(method, `/v1/instruments${path.startsWith('?') ? '' : '/'}${path}`, {
      token,
      ...(body !== undefined && { body }),
    });
  const upload = async (query: string, body: FormData | string) => {
    const sent = new Request('http://x', { method: 'POST', body });
    return desk.request('POST', `/v1/instruments/imports?${query}`, {
      token: operator,
      body: new Uint8Array(await sent.arrayBuffer()),
      headers: { 'content-type': sent.headers.get('content-type')! },
    });
  };
  /** A form with these parts, in this order. */
  const form = (...parts: [name: string, value: string | Blob][]) => {
    const made = new FormData();
    for (const [name, value] of parts) made.append(name, value);
    return made;
  };
  const file = (text: string): [string, Blob] => ['file', new Blob([text])];

  beforeAll(async () => {
    desk = await startTestApp();
    operator = (await desk.login('operator')).token;
    trader = (await desk.login('trader')).token;
  });
  afterAll(() => desk.close());

  it('a stored mapping is shown, listed, replaced, used by its name and removed', async () => {
    const path = 'mappings/angel/cash';
    const stored = await call('PUT', path, ANGEL);
    expect(stored).toMatchObject({
      status: 200,
      body: { broker: 'angel', name: 'cash', mapping: { ...ANGEL, name: 'cash' } },
    });
    expect((await call('GET', path)).body).toEqual(stored.body);
    await call('PUT', 'mappings/angel/fno', { ...ANGEL, name: 'fno' });
    await call('PUT', path, { ...ANGEL, keySeparator: ':' });
    const first = await call('GET', 'mappings?broker=angel&limit=1');
    expect(first.body.items).toMatchObject([{ name: 'cash', mapping: { keySeparator: ':' } }]);
    const rest = await call('GET', `mappings?broker=angel&cursor=${first.body.nextCursor}`);
    expect(rest.body).toMatchObject({ items: [{ name: 'fno' }], nextCursor: null });
    expect(await upload('broker=angel&mapping=cash', master(3))).toMatchObject({ status: 201, body: { inserted: 3 } });
    const found = await call('GET', '?broker=angel');
    expect(found.body.items.map(({ key }: { key: string }) => key).sort()).toEqual(['NSE:0', 'NSE:1', 'NSE:2']);
    for (const _ of [1, 2]) expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).body.code).toBe('INSTRUMENTS_MAPPING_NOT_FOUND');
    expect((await upload('broker=angel&mapping=cash', master(3))).body.code).toBe('INSTRUMENTS_MAPPING_NOT_FOUND');
    expect((await call('PUT', path, ANGEL, trader)).status).toBe(403);
  });

  it('a wrong word of a mapping is refused by its place, stored or sent along', async () => {
    const wrong = { ...ANGEL, columns: { ...ANGEL.columns, colour: 'x' } };
    const refused = await call('PUT', 'mappings/angel/wrong', wrong);
    expect(refused).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    expect(JSON.stringify(refused.body.errors)).toContain('columns.colour');
    expect((await call('PUT', 'mappings/angel/wrong', { ...ANGEL, name: 'other' })).body.errors[0].field).toBe('name');
    expect((await call('PUT', 'mappings/angel/Wrong', ANGEL)).body.errors[0].field).toBe('name');
    const sent = await upload('broker=angel', form(['mapping', JSON.stringify(wrong)], file(master(1))));
    expect([sent.status, JSON.stringify(sent.body.errors)]).toEqual([
      400,
      expect.stringContaining('mapping.columns.colour'),
    ]);
    for (const text of ['{', `"${'x'.repeat(40_000)}"`, 'null']) {
      const { status, body } = await upload('broker=angel', form(['mapping', text], file(master(1))));
      expect([status, body.errors[0].field]).toEqual([400, 'mapping']);
    }
  });

  it('a mapping with text that PostgreSQL cannot store is refused', async () => {
    for (const text of ['\0', '\ud800']) {
      const { status, body } = await call('PUT', 'mappings/angel/wrong', { ...ANGEL, key: [text] });
      expect([status, body.code]).toEqual([400, 'REQUEST_INVALID']);
    }
    const literal = { ...ANGEL, key: ['\\u0000', '\\ud800'] };
    expect((await call('PUT', 'mappings/angel/literal', literal)).status).toBe(200);
  });

  it('a form brings the mapping before or after the file, as a field or as a file', async () => {
    const text = JSON.stringify({ ...ANGEL, name: 'given' });
    const parts: [string, string | Blob][] = [
      ['mapping', text],
      ['mapping', new Blob([text], { type: 'application/json' })],
    ];
    expect((await upload('broker=form', form(parts[0]!, file(master(20))))).body).toMatchObject({ inserted: 20 });
    for (const mapping of parts)
      for (const order of [
        [mapping, file(master(20))],
        [file(master(20)), mapping],
      ])
        expect((await upload('broker=form', form(...order))).body).toMatchObject({ unchanged: 20 });
    const { body } = await call('GET', 'imports?broker=form&limit=1');
    expect(body.items).toMatchObject([{ master: 'given', source: 'blob' }]);
    await call('PUT', 'mappings/form/kept', ANGEL);
    const twice = await upload('broker=form&mapping=kept', form(parts[0]!, file(master(20))));
    expect([twice.status, twice.body.errors[0].field]).toEqual([400, 'mapping']);
  });

  it('a mapping after a file that is too large to hold back refuses the import', async () => {
    const wide = 'x'.repeat(9_000);
    const rows = Array.from({ length: 2_000 }, (_, at) => `${at},${wide},S${at},N,0,,0,0.05,1,EQ,NSE,NSE`);
    const large = [KITE_HEADER, ...rows].join('\n');
    const late = await upload(
      'broker=late',
      form(file(large), ['mapping', JSON.stringify({ ...ANGEL, name: 'late' })]),
    );
    expect(late).toMatchObject({ status: 400, body: { code: 'INSTRUMENTS_MAPPING_LATE', allowed: 16_777_216 } });
    expect((await call('GET', 'imports?broker=late')).body.items).toEqual([]);
    expect((await upload('broker=late', form(file(large)))).body).toMatchObject({ inserted: 2_000 });
  });

  it('a dry run answers the counts, the first rows, the issues and the refusal, and stores nothing', async () => {
    const csv = kiteCsv(contracts(30)).trimEnd();
    const first = await upload('broker=dry&dryRun=true', `${csv}\n1,2\n`);
    expect([first.status, first.headers.get('location')]).toEqual([200, null]);
    expect(first.body).toMatchObject({
      ...{ dryRun: true, inserted: 30, quarantined: 1, filtered: 0, master: 'kite', refusal: null },
      issues: [{ line: 32, severity: 'quarantined', reason: '2 columns where the header has 12' }],
    });
    expect(first.body.rows).toHaveLength(20);
    expect(first.body.rows[0]).toMatchObject({
      ...{ line: 2, action: 'insert', key: '1000', strike: '100', tickSize: '0.05', lotSize: '50' },
      attributes: { exchange_token: '1' },
    });
    expect((await call('GET', 'imports?broker=dry')).body.items).toEqual([]);
    await upload('broker=dry', csv);
    const fewer = kiteCsv([{ ...contracts(1)[0]!, lot: '25' }, ...contracts(10, 1_001)]);
    const next = await upload('broker=dry&dryRun=true', fewer);
    expect(next).toMatchObject({
      status: 200,
      body: { updated: 1, unchanged: 10, delisted: 19, refusal: { code: 'INSTRUMENTS_DELISTING_TOO_MANY' } },
    });
    expect(next.body.rows.map(({ action }: { action: string }) => action).slice(0, 2)).toEqual(['update', 'unchanged']);
    expect((await upload('broker=dry&dryRun=true&force=true', fewer)).body.refusal).toBeNull();
    const none = await upload('broker=dry&dryRun=true', `${KITE_HEADER}\n1,2\n`);
    expect(none).toMatchObject({ status: 200, body: { rows: [], refusal: { code: 'INSTRUMENTS_FILE_NO_ROWS' } } });
    expect((await upload('broker=dry&dryRun=true', '<html>')).body.code).toBe('INSTRUMENTS_FILE_IS_HTML');
    expect((await call('GET', 'imports?broker=dry')).body.items).toHaveLength(1);
    expect((await call('GET', '?broker=dry&limit=500')).body.items).toHaveLength(30);
  });

  it('the changes of an import are shown over HTTP, to operators', async () => {
    await upload('broker=diff', kiteCsv(contracts(10)));
    const { body } = await upload('broker=diff', kiteCsv([{ ...contracts(1)[0]!, lot: '25' }, ...contracts(9, 1_001)]));
    const path = `imports/${body.importId}/changes`;
    const { items } = (await call('GET', path)).body;
    expect(items).toMatchObject([
      { action: 'update', key: '1000', changes: [{ field: 'lotSize', before: '50', after: '25' }] },
    ]);
    expect((await call('GET', `${path}?action=insert`)).body).toEqual({ items: [], nextCursor: null });
    expect((await call('GET', path, undefined, trader)).status).toBe(403);
    expect((await call('GET', 'imports/00000000-0000-7000-8000-000000000000/changes')).status).toBe(404);
  });
});
