import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Database } from '#database';
import { Egress } from '#egress';
import { FeedsService } from '#feeds';
import { FilerTickers, TickerRefresh } from '#filings';
import { FeedReplay } from '../../libs/feeds/replay/feed-replay.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const feedOf = (...entries: string[]) =>
  Buffer.from(
    `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>L</title>${entries.join('')}</feed>`,
  );
const data = process.env['DESKWIRE_DATA_DIR'] ?? '/nowhere';
/** A feed of the field, or one of our own making with the same entries. */
const page = (name: string, ...entries: string[]) =>
  existsSync(join(data, 'field', name)) ? readFileSync(join(data, 'field', name)) : feedOf(...entries);
const entry = (form: string, company: string, cik: string, accession: string, at = '2025-11-25T10:04:00-05:00') =>
  `<entry><title>${form} - ${company} (${cik}) (Filer)</title><link href="https://www.sec.gov/Archives/x/${accession}-index.htm"/>
   <summary type="html">&lt;b&gt;Filed:&lt;/b&gt; 2025-11-25</summary><updated>${at}</updated><category term="${form}"/>
   <id>urn:tag:sec.gov,2008:accession-number=${accession}</id></entry>`;
const APPLE = '0000320193-25-999991';
const SCHEDULE = '0009999998-25-000009';
const file = (...entries: [cik: number, ticker: string, title: string][]) =>
  Buffer.from(JSON.stringify(entries.map(([cik_str, ticker, title]) => ({ cik_str, ticker, title }))));

describe('tickers of filers', () => {
  let app: TestApp;
  let server: Server;
  let answer: { status: number; body: Buffer };
  let trader: string;
  let operator: string;
  const get = (path: string) => app.request('GET', path, { token: trader });
  const accessions = async (query: string) =>
    (await get(`/v1/filings?${query}`)).body.items.map(({ accession }: { accession: string }) => accession);
  const poll = async (name: string, body: Buffer) => {
    const wanted = { name: 'EDGAR', kind: 'edgar', url: 'https://recorded.example/' } as const;
    const source = await app.get(FeedsService).forReplay(wanted);
    return app.get(FeedReplay).replay(source.id, { name, pages: [body] });
  };

  beforeAll(async () => {
    server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    app = await startTestApp({
      env: {
        FILINGS_TICKERS_URL: `http://${host}/tickers.json`,
        EGRESS_CONTACT: 'desk@example.com',
        DESKWIRE_ROLE: 'web',
      },
    });
    app.get(Egress).allow(host);
    [trader, operator] = [(await app.login('trader')).token, (await app.login('operator')).token];
    for (const [name, condition] of [
      ['Apple', { op: 'ticker', values: ['AAPL'] }],
      ['13D', { op: 'form', values: ['SC 13D'], amendments: true }],
    ])
      await app.request('POST', '/v1/alert-rules', {
        token: trader,
        body: { name, scope: 'mine', severity: 'info', condition, channels: [] },
      });
    // So that the feed is no new one, whose first entries raise no alerts.
    await poll('first', feedOf(entry('10-K', 'Known', '0000000099', '0000000099-25-000001')));
  });
  afterAll(async () => {
    await app.close();
    server.close();
  });

  it('the daily refresh loads the file once a day, and a refusal of the server changes nothing', async () => {
    const refresh = app.get(TickerRefresh);
    answer = { status: 403, body: Buffer.from('Undeclared Automated Tool') };
    await expect(refresh.refresh()).rejects.toMatchObject({ code: 'FILINGS_TICKERS_REFUSED' });
    answer = { status: 200, body: Buffer.from('<!DOCTYPE html><title>Rate Exceeded</title>') };
    await expect(refresh.refresh()).rejects.toMatchObject({ code: 'FILINGS_TICKERS_UNREADABLE' });
    expect(await app.get(FilerTickers).loads()).toEqual([]);
    const recorded = join(data, 'sec/company_tickers_2024-05.json.gz');
    const all = existsSync(recorded) ? readFileSync(recorded) : gzipSync(file([320193, 'AAPL', 'Apple Inc.']));
    answer = { status: 200, body: all };
    await refresh.refresh();
    answer = { status: 500, body: Buffer.from('not requested') };
    await refresh.refresh();
    expect(await app.get(FilerTickers).loads()).toMatchObject([{ skipped: 0, ended: 0 }]);
    expect((await get('/v1/filings/tickers?ticker=aapl')).body.items).toEqual([
      { cik: '0000320193', ticker: 'AAPL', name: 'Apple Inc.', since: null, until: null },
    ]);
  });

  it('a filing of the feed is found by its ticker, carries it in its event, and raises the alert of a rule on it', async () => {
    await poll('aapl', page('edgar_getcurrent_aapl.atom', entry('8-K', 'Apple Inc.', '0000320193', APPLE)));
    expect(await accessions('ticker=AAPL')).toEqual([APPLE]);
    expect((await get(`/v1/filings/${APPLE}`)).body).toMatchObject({ tickers: ['AAPL'], filers: [{ ticker: 'AAPL' }] });
    const { body: events } = await app.request('GET', '/v1/events?type=FilingPublished', { token: operator });
    expect(events.items[0].payload).toMatchObject({ accession: APPLE, tickers: ['AAPL'] });
    const { body: alerts } = await get('/v1/alerts');
    expect(alerts.items).toMatchObject([{ ruleName: 'Apple', eventType: 'FilingPublished' }]);
  });

  it('a rule and a query for SC 13D find SCHEDULE 13D', async () => {
    await poll('13d', page('edgar_getcurrent_13d.atom', entry('SCHEDULE 13D/A', 'MADE UP', '0009999999', SCHEDULE)));
    for (const form of ['SC%2013D', 'SCHEDULE%2013D', '13d/a', 'SC%2013D/A'])
      expect([form, await accessions(`form=${form}`)]).toEqual([form, [SCHEDULE]]);
    const { body } = await get('/v1/alerts');
    expect(body.items.map(({ ruleName }: { ruleName: string }) => ruleName)).toEqual(['13D', 'Apple']);
    expect((await get(`/v1/filings/${SCHEDULE}`)).body).toMatchObject({ baseForm: 'SCHEDULE 13D', isAmendment: true });
  });

  it('tickers keep their history: a ticker that moves finds the filings of each filer of its time', async () => {
    const tickers = app.get(FilerTickers);
    await app.get(Database).run('TRUNCATE filer_tickers, filer_ticker_sources');
    const day1 = file(
      [11, 'FB', 'Old Books'],
      [12, 'META', 'A Fund'],
      [12, 'FUND', 'A Fund'],
      [13, 'X', 'X'],
      [14, 'Y', 'Y'],
      [15, 'Z', 'Z'],
    );
    expect(await tickers.load(day1, 'day 1')).toMatchObject({ added: 6, ended: 0 });
    const [old, fund] = ['0000000011-25-000001', '0000000012-25-000001'];
    await poll(
      'day 1',
      feedOf(entry('8-K', 'Old Books', '0000000011', old), entry('8-K', 'A Fund', '0000000012', fund)),
    );
    expect([await accessions('ticker=FB'), await accessions('ticker=META')]).toEqual([[old], [fund]]);
    // FB becomes META, which was a fund's, and FUND is left.
    const day2 = file(
      [11, 'META', 'New Books'],
      [12, 'FUND', 'A Fund'],
      [13, 'X', 'X'],
      [14, 'Y', 'Y'],
      [15, 'Z', 'Z'],
    );
    await expect(tickers.load(day2, 'day 2')).rejects.toMatchObject({ code: 'FILINGS_TICKERS_SHRINK' });
    expect(await tickers.load(day2, 'day 2', true)).toMatchObject({ added: 1, ended: 2, changed: 1 });
    expect(await tickers.load(day2, 'day 2')).toMatchObject({ added: 0, ended: 0, changed: 0 });
    const later = '0000000012-25-000002';
    await poll(
      'day 2',
      feedOf(entry('10-Q', 'A Fund', '0000000012', later, new Date(Date.now() + 60_000).toISOString())),
    );
    expect((await accessions('ticker=META')).toSorted()).toEqual([old, fund]);
    expect(await accessions('ticker=FB')).toEqual([old]);
    expect((await accessions('ticker=FUND')).toSorted()).toEqual([fund, later]);
    expect((await get(`/v1/filings/${old}`)).body.tickers).toEqual(['META', 'FB']);
    const { items } = (await get('/v1/filings/tickers?ticker=META')).body;
    expect(items.map(({ cik, since, until }: any) => [Number(cik), since !== null, until !== null])).toEqual([
      [11, true, false],
      [12, false, true],
    ]);
    expect((await get('/v1/filings/tickers?cik=11')).body.items.map(({ ticker }: any) => ticker)).toEqual([
      'META',
      'FB',
    ]);
    expect((await get('/v1/filings/tickers')).body).toMatchObject({
      items: [],
      sources: [{ source: 'day 2' }, { source: 'day 1' }],
    });
    expect((await get('/v1/filings/tickers?ticker=FB&cik=11')).body).toMatchObject({ errors: [{ field: 'ticker' }] });
  });
});
