import { createGzip, gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { get, openEgress, type OpenEgress, post, receiver, ScriptedResolver, zeros } from './egress.fixture.js';

describe('a compressed answer that is asked for', () => {
  let open: OpenEgress;
  beforeAll(() => (open = openEgress(new ScriptedResolver(() => []), { EGRESS_ALLOW_HOSTS: '127.0.0.1/32' })));
  afterAll(() => open.close());
  const bombs = () =>
    receiver((_q, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      Readable.from(zeros(1e9)).pipe(createGzip()).pipe(response);
    });

  it('a compressed answer is decoded to the original', async () => {
    const there = await receiver((request, response) =>
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(`asked for ${request.headers['accept-encoding']}`)),
    );
    const { body } = await open.egress.request(get(`${there.url}/`));
    expect(body.toString()).toBe('asked for gzip, deflate, br');
    await there.close();
  });

  it('a compression bomb costs only the part that is read: it is too large, or truncated', async () => {
    const there = await bombs();
    await expect(
      open.egress.request(get(`${there.url}/`, { timeoutMs: 10_000, maxResponseBytes: 1e6 })),
    ).rejects.toMatchObject({ code: 'EGRESS_RESPONSE_TOO_LARGE' });
    const cut = await open.egress.request(
      get(`${there.url}/`, { timeoutMs: 10_000, maxResponseBytes: 1e6, onOverflow: 'truncate' }),
    );
    expect(cut).toMatchObject({ truncated: true, body: { length: 1e6 } });
    await there.close();
  });

  it('a compressed answer with a ratio of 1,000 is refused with the numbers, and one with a ratio of 20 is read', async () => {
    const there = await bombs();
    await expect(
      open.egress.request(get(`${there.url}/`, { timeoutMs: 10_000, maxResponseBytes: 16e6, onOverflow: 'truncate' })),
    ).rejects.toMatchObject({
      code: 'EGRESS_RESPONSE_INFLATES',
      message: expect.stringMatching(/answered \d{4,5} bytes that unpack to \d{7} or more\. At most 200 times is read/),
    });
    await there.close();
    const text = Array.from({ length: 60_000 }, (_, index) => `<item><guid>${index}</guid></item>`).join('');
    const usual = await receiver((_q, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text)),
    );
    const { body } = await open.egress.request(get(`${usual.url}/`, { timeoutMs: 10_000, maxResponseBytes: 16e6 }));
    expect(body.length).toBe(text.length);
    await usual.close();
  });

  it('an answer with a wrong content encoding fails with that reason', async () => {
    const there = await receiver((_q, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'),
    );
    await expect(open.egress.request(get(`${there.url}/`))).rejects.toMatchObject({
      code: 'EGRESS_ENCODING_INVALID',
      errorClass: 'server',
    });
    await there.close();
  });
});

describe('an ordinary receiver', () => {
  it('a receiver sees few connections for many exchanges, the sent request, and no credentials of the desk', async () => {
    const ports = new Set<number>();
    const there = await receiver((request, response) => {
      ports.add(request.socket.remotePort!);
      const chunks: Buffer[] = [];
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => response.writeHead(201, { 'x-seen': request.headers['x-told']! }).end(Buffer.concat(chunks)));
    });
    const { egress, close } = openEgress(new ScriptedResolver(() => ['127.0.0.1']), {
      EGRESS_ALLOW_HOSTS: '127.0.0.1/32',
    });
    for (let i = 0; i < 50; i += 1) {
      const answer = await egress.request(
        post(`http://own.example:${there.port}/p?q=1`, { body: `body ${i} é`, headers: { 'x-told': 'yes' } }),
      );
      expect([answer.status, answer.headers['x-seen'], answer.body.toString(), answer.truncated]).toEqual([
        201,
        'yes',
        `body ${i} é`,
        false,
      ]);
    }
    // undici may open a second one while the first is still settling; never one each.
    expect(ports.size).toBeLessThan(4);
    await close();
    await there.close();
  });

  it('the connection to a receiver closes when the caller aborts', async () => {
    const there = await receiver(() => undefined);
    const { egress, close } = openEgress(new ScriptedResolver(() => []), { EGRESS_ALLOW_HOSTS: '127.0.0.1/32' });
    const caller = new AbortController();
    const call = egress.request(post(`${there.url}/`, { signal: caller.signal }));
    setImmediate(() => caller.abort(new Error('bye')));
    await expect(call).rejects.toThrow('bye');
    await close();
    await there.close();
  });
});
