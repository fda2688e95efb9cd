import { Transactions } from '#database';
import { Filings, type FoundFiling } from '#filings';
import { FilingSummaries } from '../../libs/filings/summaries/filing-summaries.js';
import { filingsConfig } from '#filings/config';
import { archive, type Archive } from '../integration/filings/archive.fixture.js';
import { modelServer, type ModelServer } from '../integration/filings/model-server.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const accession = (number: number) => `0000000001-25-${String(number).padStart(6, '0')}`;
const found = (number: number, form: string, more: Partial<FoundFiling> = {}): FoundFiling => ({
  accession: accession(number),
  form,
  filers: [{ cik: String(1000 + (number % 3)), name: `Acme ${number % 3}`, role: 'Filer', ticker: `ACM${number % 3}` }],
  filedOn: '2025-12-12',
  filedAt: new Date(Date.UTC(2025, 11, 12, 21, Math.floor(number / 4))),
  items: ['5.02'],
  link: `https://www.sec.gov/Archives/edgar/data/1/${accession(number)}-index.htm`,
  ...more,
});

describe('filings over HTTP', () => {
  let app: TestApp;
  let model: ModelServer;
  let documents: Archive;
  let trader: { token: string };
  let operator: { token: string };
  const get = (path: string, as = trader) => app.request('GET', `/v1/filings${path}`, { token: as.token });
  const numbers = (body: { items: { accession: string }[] }) =>
    body.items.map((item) => Number(item.accession.slice(-6)));

  beforeAll(async () => {
    [model, documents] = await Promise.all([modelServer(), archive()]);
    app = await startTestApp({
      env: {
        DESKWIRE_ROLE: 'web',
        EGRESS_ALLOW_HOSTS: documents.host,
        FILINGS_SUMMARY_PROVIDER: 'openai-compatible',
        FILINGS_SUMMARY_MODEL: 'gpt-4o-mini',
        FILINGS_SUMMARY_BASE_URL: `${model.origin}/openai/v1`,
        FILINGS_MONTHLY_BUDGET_USD: '5.00',
      },
      internals: [filingsConfig.with({ archiveUrl: documents.url })],
    });
    [trader, operator] = [await app.login('trader'), await app.login('operator')];
    const all = [
      ...Array.from({ length: 18 }, (_, index) => found(index + 1, index % 2 ? '4' : '10-Q')),
      found(20, '8-K', { reportDate: '2025-12-10' }),
      found(19, '8-K/A', { reportDate: '2025-12-10', filers: [{ cik: '1002', name: 'Acme 2' }] }),
    ];
    await app.get(Transactions).atomic(() => app.get(Filings).register(all));
    await app.get(FilingSummaries).ask(accession(20));
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([model.close(), documents.close()]);
  });

  it('filings are listed newest first, in pages without gap or repeat', async () => {
    const seen: number[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body, status } = await get(`?limit=7${cursor && `&cursor=${cursor}`}`);
      expect(status).toBe(200);
      seen.push(...numbers(body));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual([20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    const oldest = (await get('?sort=filedAt&limit=3')).body;
    const next = (await get(`?sort=filedAt&limit=3&cursor=${oldest.nextCursor}`)).body;
    expect([...numbers(oldest), ...numbers(next)]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('filings are found by form, amendments, filer, ticker and time', async () => {
    const of = async (query: string) => numbers((await get(query)).body);
    expect(await of('?form=8-K')).toEqual([20, 19]);
    expect(await of('?form=8-k&amendments=without')).toEqual([20]);
    expect(await of('?form=8-K/A')).toEqual([19]);
    expect(await of('?form=8-K/A&form=4&cik=1001&cik=1002')).toEqual([19, 16, 14, 10, 8, 4, 2]);
    expect(await of('?form=8-K&form=8-K/A&amendments=without')).toEqual([20, 19]);
    expect(await of('?ticker=ACM2&ticker=ACM1&form=10-Q')).toEqual([17, 13, 11, 7, 5, 1]);
    expect(await of('?amendments=only')).toEqual([19]);
    expect(await of('?cik=1001&form=4')).toEqual([16, 10, 4]);
    expect(await of('?cik=0000001001&form=4')).toEqual([16, 10, 4]);
    expect(await of('?ticker=acm2&form=10-Q')).toEqual([17, 11, 5]);
    expect(await of('?ticker=$ACM2&form=10-Q')).toEqual([17, 11, 5]);
    expect(await of('?from=2025-12-12T21:04:00Z&to=2025-12-12T21:05:00Z')).toEqual([19, 18, 17, 16]);
  });

  it('a filing shows its original, its amendments and its summary', async () => {
    expect((await get(`/${accession(19)}`)).body).toMatchObject({
      form: '8-K/A',
      amendment: 'linked',
      amends: accession(20),
      basis: 'report-date',
      summary: { state: 'queued' },
    });
    expect((await get(`/${accession(20)}`)).body).toMatchObject({
      amendment: 'original',
      reportDate: '2025-12-10',
      items: ['5.02'],
      amendedBy: [{ accession: accession(19), form: '8-K/A', filedOn: '2025-12-12', certain: true }],
      summary: {
        state: 'done',
        text: 'A summary.',
        model: 'gpt-4o-mini',
        provider: 'openai-compatible',
        truncated: false,
      },
    });
    expect((await get(`/${accession(2)}`)).body.summary).toMatchObject({
      state: 'none',
      reason: 'form 4 is not summarised',
    });
  });

  it('only operators see the cost of summaries', async () => {
    expect((await get('/usage')).status).toBe(403);
    const { body } = await get('/usage', operator);
    expect(body).toMatchObject({
      provider: 'openai-compatible',
      model: 'gpt-4o-mini',
      priceKnown: true,
      tokens: { in: 100, out: 20 },
      costUsd: '0.000027',
      budget: { limitUsd: '5.000000', spentUsd: '0.000027', reservedUsd: '0.000000', leftUsd: '4.999973', notMade: 0 },
      asks: { hits: 0, misses: 1, shared: 0 },
    });
    expect((await get('/usage?month=2020-01', operator)).body).toMatchObject({
      month: '2020-01',
      costUsd: '0.000000',
      models: [],
    });
  });

  it('filings are counted in metrics', async () => {
    const { body } = await app.request('GET', '/metrics');
    const text = String(body);
    expect(text).toMatch(/filings_registered_total\{outcome="new"[^}]*\} 20/);
    expect(text).toMatch(/filings_summaries_total\{outcome="done"[^}]*\} 1/);
    expect(text).toMatch(/filings_model_tokens_total\{direction="in"[^}]*\} 100/);
    expect(text).toMatch(/filings_model_cost_dollars_total(\{[^}]*\})? 0\.000027/);
    expect(text).toMatch(/filings_budget_left_ratio(\{[^}]*\})? 0\.9999/);
  });

  it('filings need a token', async () => {
    expect((await app.request('GET', '/v1/filings')).status).toBe(401);
    expect((await get(`/${accession(999)}`)).body).toMatchObject({ code: 'FILINGS_NOT_FOUND', status: 404 });
  });

  it.each([
    ['?form=%00', 'form'],
    ['?amendments=maybe', 'amendments'],
    ['?cik=x', 'cik'],
    ['?ticker=%20', 'ticker'],
    ['?from=yesterday', 'from'],
    ['?limit=0', 'limit'],
    ['?cursor=x', 'cursor'],
    ['?cursor=WyJ4IiwxXQ', 'cursor'],
    ['?nope=1', 'nope'],
    ['/1-2-3', 'accession'],
    ['/usage?month=2025-13', 'month'],
  ])('the filing list refuses %s with a 400 that names %s', async (path, field) => {
    const { status, body } = await get(path, operator);
    expect([status, body.code]).toEqual([400, 'REQUEST_INVALID']);
    expect(body.errors[0].field).toBe(field);
  });
});
