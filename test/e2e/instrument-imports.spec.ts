import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';

describe('imports of instruments over HTTP', () => {
  let desk: TestApp;
  let operator: string;
  let trader: string;
  const upload = (
    body: string | Uint8Array,
    query = 'broker=zerodha',
    headers: Record<string, string> = { 'content-type': 'text/csv' },
    token = operator,
  ) => desk.request('POST', `/v1/instruments/imports?${query}`, { token, body, headers });

  beforeAll(async () => {
    desk = await startTestApp();
    operator = (await desk.login('operator')).token;
    trader = (await desk.login('trader')).token;
  });
  afterAll(() => desk.close());

  it('a master is imported from a plain body, gzip or a form file, whatever its content type', async () => {
    const csv = kiteCsv(contracts(300));
    const first = await upload(csv);
    expect(first.status).toBe(201);
    expect(first.body).toEqual({
      importId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      inserted: 300,
      updated: 0,
      unchanged: 0,
      relisted: 0,
      delisted: 0,
      quarantined: 0,
      filtered: 0,
      warnings: 0,
      durationMs: expect.any(Number),
    });
    expect(
      (await upload(gzipSync(csv), 'broker=zerodha&force=false', { 'content-type': 'application/gzip' })).body,
    ).toMatchObject({ unchanged: 300 });
    expect(
      (await upload(gzipSync(csv), undefined, { 'content-type': 'text/csv', 'content-encoding': 'gzip' })).body,
    ).toMatchObject({ unchanged: 300 });
    expect((await upload(csv, undefined, { 'content-type': 'application/json' })).body).toMatchObject({
      unchanged: 300,
    });
    const form = new FormData();
    form.set('note', 'a field before the file');
    form.set('file', new Blob([gzipSync(csv)]), 'kite.csv.gz');
    const sent = new Request('http://x', { method: 'POST', body: form });
    const multipart = await upload(new Uint8Array(await sent.arrayBuffer()), undefined, {
      'content-type': sent.headers.get('content-type')!,
    });
    expect(multipart.body).toMatchObject({ unchanged: 300 });
    const { body } = await desk.request('GET', '/v1/instruments/imports?limit=2', { token: operator });
    expect(body.items[0]).toMatchObject({
      source: 'kite.csv.gz',
      position: 5,
      unchanged: 300,
      listed: 300,
      exchanges: ['NFO'],
      master: 'kite',
    });
    const next = await desk.request('GET', `/v1/instruments/imports?limit=100&cursor=${body.nextCursor}`, {
      token: operator,
    });
    expect(next.body.items.map((record: any) => record.position)).toEqual([3, 2, 1]);
    expect(next.body.nextCursor).toBeNull();
  });

  it('a master far beyond the body limit is streamed', async () => {
    const csv = kiteCsv(contracts(40_000));
    expect(csv.length).toBeGreaterThan(2 * 1024 * 1024);
    expect((await upload(csv, 'broker=large')).body).toMatchObject({ inserted: 40_000 });
  });

  it('quarantined rows are listed by line and reason, in pages', async () => {
    const { body } = await upload(`${kiteCsv(contracts(8)).trimEnd()}\n1,2\nx\n`, 'broker=odd');
    expect(body).toMatchObject({ inserted: 8, quarantined: 2 });
    const detail = await desk.request('GET', `/v1/instruments/imports/${body.importId}?limit=1`, { token: operator });
    expect(detail.body).toMatchObject({
      id: body.importId,
      issues: {
        items: [{ line: 10, severity: 'quarantined', reason: '2 columns where the header has 12', excerpt: '1,2' }],
      },
    });
    const rest = await desk.request(
      'GET',
      `/v1/instruments/imports/${body.importId}?cursor=${detail.body.issues.nextCursor}`,
      { token: operator },
    );
    expect(rest.body.issues).toMatchObject({ items: [{ line: 11 }], nextCursor: null });
  });

  it('an invalid import is refused with a specific code', async () => {
    const problem = async (response: Promise<{ status: number; headers: Headers; body: any }>) => {
      const { status, headers, body } = await response;
      expect(headers.get('content-type')).toContain('application/problem+json');
      return [status, body.code];
    };
    expect(await problem(upload(''))).toEqual([422, 'INSTRUMENTS_FILE_EMPTY']);
    expect(await problem(upload('<html>502</html>'))).toEqual([422, 'INSTRUMENTS_FILE_IS_HTML']);
    expect(await problem(upload(gzipSync(kiteCsv(contracts(2_000))).subarray(0, 2_000)))).toEqual([
      422,
      'INSTRUMENTS_FILE_TRUNCATED',
    ]);
    expect(await problem(upload(Buffer.alloc(3 * 1024 * 1024, 0x41)))).toEqual([413, 'INSTRUMENTS_FILE_LINE_TOO_LONG']);
    expect(await problem(upload(kiteCsv(contracts(10))))).toEqual([409, 'INSTRUMENTS_DELISTING_TOO_MANY']);
    expect(
      await problem(upload('--x\r\n\r\n--x--', undefined, { 'content-type': 'multipart/form-data; boundary=x' })),
    ).toEqual([400, 'INSTRUMENTS_FILE_MISSING']);
    expect(await problem(upload('x', undefined, { 'content-type': 'multipart/form-data' }))).toEqual([
      400,
      'INSTRUMENTS_FILE_MISSING',
    ]);
    for (const query of [
      '',
      'broker=',
      'broker=UPPER',
      'broker=zerodha&force=yes',
      'broker=zerodha&unknown=1',
      'broker=a&broker=b',
    ]) {
      expect(await problem(upload(kiteCsv(contracts(1)), query))).toEqual([400, 'REQUEST_INVALID']);
    }
    expect(await problem(upload(kiteCsv(contracts(1)), undefined, undefined, trader))).toEqual([
      403,
      expect.any(String),
    ]);
    expect(
      (await desk.request('GET', '/v1/instruments?query=ACME&limit=500', { token: trader })).body.items,
    ).toHaveLength(500);
  });

  it('an upload that breaks off imports nothing', async () => {
    const csv = kiteCsv(contracts(300));
    for (const type of ['text/csv', 'multipart/form-data; boundary=xx']) {
      const head =
        type === 'text/csv' ? '' : '--xx\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n';
      await new Promise<void>((resolve) => {
        const call = httpRequest(new URL('/v1/instruments/imports?broker=zerodha&force=true', desk.url), {
          method: 'POST',
          headers: {
            authorization: `Bearer ${operator}`,
            'content-type': type,
            'content-length': head.length + csv.length,
          },
        });
        call.on('error', () => undefined).on('close', () => resolve());
        call.write(head + csv.slice(0, csv.lastIndexOf('\n', csv.length / 2)), () =>
          setImmediate(() => call.destroy()),
        );
      });
    }
    // The server notices a broken connection later than the client. Until then the second import still holds the
    // broker.
    const body = await eventually(async () => {
      const answer = await upload(csv);
      expect(answer.status).toBe(201);
      return answer.body;
    });
    expect(body).toMatchObject({ unchanged: 300, relisted: 0, delisted: 0 });
  });

  it('operators roll back an import over HTTP', async () => {
    const first = (await upload(kiteCsv(contracts(10)), 'broker=back')).body;
    await upload(kiteCsv(contracts(12)), 'broker=back');
    expect(
      (await desk.request('POST', `/v1/instruments/imports/${first.importId}/rollback`, { token: trader })).status,
    ).toBe(403);
    const back = await desk.request('POST', `/v1/instruments/imports/${first.importId}/rollback`, { token: operator });
    expect(back).toMatchObject({ status: 201, body: { delisted: 2, unchanged: 10 } });
    expect(
      (
        await desk.request(
          'POST',
          `/v1/instruments/imports/${back.body.importId.replace(/.$/, (last: string) => (last === '0' ? '1' : '0'))}/rollback`,
          { token: operator },
        )
      ).status,
    ).toBe(404);
  });
});
