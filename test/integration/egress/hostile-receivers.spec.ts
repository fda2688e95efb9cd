import { readFileSync } from 'node:fs';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { createGzip, gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { classifyError } from '#resilience';
import {
  get,
  type Listening,
  listening,
  openEgress,
  type OpenEgress,
  post,
  receiver,
  ScriptedResolver,
} from './egress.fixture.js';

const LIMIT_MS = 1_500;
const STORED = 16_384;
/** The other side of each attempt, and what becomes of it. */
const HEAD = 'HTTP/1.1 200 OK\r\n';
const raw = (behave: (socket: Socket) => void) =>
  listening(createTcpServer((socket) => (socket.once('data', () => behave(socket)), undefined)));

function* zeros(bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(65_536);
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
}

function drip(socket: Socket): void {
  socket.write(`${HEAD}content-length: 1000000\r\n\r\n`);
  const timer = setInterval(() => socket.write('x'), 20);
  socket.on('close', () => clearInterval(timer));
}

function endless(socket: Socket): void {
  socket.write(`${HEAD}\r\n`);
  const chunk = Buffer.alloc(65_536, 'x');
  const on = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', on);
  on();
}

type Expected = { status: number; truncated: boolean } | { code: string; class: string };
const HOSTILE: [string, () => Promise<Listening>, Expected][] = [
  ['a body without end', () => raw(endless), { status: 200, truncated: true }],
  [
    'a gzip bomb of 1 GB',
    () =>
      receiver((_q, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        Readable.from(zeros(1e9)).pipe(createGzip()).pipe(response);
      }),
    { status: 200, truncated: true },
  ],
  [
    'a small gzip body',
    () =>
      receiver((_q, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(1e6))),
      ),
    { status: 200, truncated: false },
  ],
  ['a byte now and then', () => raw(drip), { code: 'EGRESS_TIMED_OUT', class: 'timeout' }],
  [
    'a header byte now and then',
    () =>
      raw((socket) => {
        socket.write(HEAD);
        const timer = setInterval(() => socket.write('x: y\r\n'), 20);
        socket.on('close', () => clearInterval(timer));
      }),
    { code: 'EGRESS_TIMED_OUT', class: 'timeout' },
  ],
  ['silence after accepting', () => raw(() => undefined), { code: 'EGRESS_TIMED_OUT', class: 'timeout' }],
  [
    '64 KB of headers',
    () => raw((socket) => void socket.write(`${HEAD}x: ${'y'.repeat(65_536)}\r\n\r\n`)),
    { code: 'EGRESS_FAILED', class: 'server' },
  ],
  [
    'headers without end',
    () =>
      raw((socket) => {
        socket.write(HEAD);
        const on = () => {
          while (!socket.destroyed && socket.write(`x-${'y'.repeat(1_000)}: z\r\n`));
        };
        socket.on('drain', on);
        on();
      }),
    { code: 'EGRESS_FAILED', class: 'server' },
  ],
  [
    'a reset in the middle of the body',
    () =>
      raw((socket) => {
        socket.write(`${HEAD}content-length: 1000\r\n\r\nabc`);
        setTimeout(() => socket.resetAndDestroy(), 20);
      }),
    { code: 'EGRESS_FAILED', class: 'server' },
  ],
  [
    'an end in the middle of the body',
    () =>
      raw((socket) => {
        socket.write(`${HEAD}content-length: 1000\r\n\r\nabc`);
        setTimeout(() => socket.end(), 20);
      }),
    { code: 'EGRESS_FAILED', class: 'server' },
  ],
  [
    'no HTTP at all',
    () => raw((socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n')),
    { code: 'EGRESS_FAILED', class: 'server' },
  ],
  [
    'a reset at once',
    () => listening(createTcpServer((socket) => void socket.resetAndDestroy())),
    { code: 'EGRESS_FAILED', class: 'server' },
  ],
  [
    'a hundred informational answers a second',
    () =>
      raw((socket) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 10);
        socket.on('close', () => clearInterval(timer));
      }),
    { code: 'EGRESS_TIMED_OUT', class: 'timeout' },
  ],
];

describe('a hostile receiver', () => {
  let open: OpenEgress;
  beforeAll(
    () =>
      (open = openEgress(new ScriptedResolver(() => []), {
        EGRESS_ALLOW_HOSTS: '127.0.0.1/32',
        EGRESS_CONNECT_TIMEOUT_MS: '300',
      })),
  );
  afterAll(() => open.close());

  it.each(HOSTILE)(
    '%s: the attempt ends by the wall clock and holds 16 KiB at most',
    async (_what, start, expected) => {
      const there = await start();
      const began = performance.now();
      const ended = await open.egress.request(post(`${there.url}/`, { timeoutMs: LIMIT_MS })).then(
        (response) => ({ response, error: undefined }),
        (error: unknown) => ({ response: undefined, error }),
      );
      expect(performance.now() - began).toBeLessThan(LIMIT_MS + 1_000);
      if ('status' in expected) {
        expect(ended.response).toMatchObject(expected);
        expect(ended.response!.body.length).toBeLessThanOrEqual(STORED);
      } else {
        expect(ended.error).toMatchObject({ code: expected.code });
        expect(classifyError(ended.error)).toBe(expected.class);
      }
      await there.close();
    },
  );

  it('that stalls in TLS, or speaks none, ends by the wall clock', async () => {
    const silent = await listening(
      createTcpServer(() => undefined),
      'https',
    );
    await expect(open.egress.request(post(`${silent.url}/`, { timeoutMs: LIMIT_MS }))).rejects.toMatchObject({
      errorClass: 'timeout',
    });
    await silent.close();
    const plain = await listening(
      createTcpServer((socket) => void socket.end('HTTP/1.1 400 x\r\n\r\n')),
      'https',
    );
    await expect(open.egress.request(post(`${plain.url}/`, { timeoutMs: LIMIT_MS }))).rejects.toMatchObject({
      code: 'EGRESS_FAILED',
      errorClass: 'server',
    });
    await plain.close();
  });

  it('that is not there is refused at once', async () => {
    const gone = await receiver(() => undefined);
    await gone.close();
    await expect(open.egress.request(post(`${gone.url}/`))).rejects.toMatchObject({
      code: 'EGRESS_FAILED',
      errorClass: 'refused',
    });
  });

  it('all of them at once, 300 attempts: memory stays flat', async () => {
    const all = await Promise.all(HOSTILE.map(([, start]) => start()));
    const round = (times: number) =>
      Promise.all(
        Array.from({ length: times }, (_, i) =>
          open.egress.request(post(`${all[i % all.length]!.url}/`, { timeoutMs: LIMIT_MS })).catch(() => undefined),
        ),
      );
    await round(60);
    const before = residentBytes();
    let highest = before;
    const watch = setInterval(() => (highest = Math.max(highest, residentBytes())), 20);
    await round(300);
    clearInterval(watch);
    expect((highest - before) / 1e6).toBeLessThan(150);
    await Promise.all(all.map((one) => one.close()));
  });
});

describe('a compressed answer that is asked for', () => {
  let open: OpenEgress;
  beforeAll(() => (open = openEgress(new ScriptedResolver(() => []), { EGRESS_ALLOW_HOSTS: '127.0.0.1/32' })));
  afterAll(() => open.close());
  const bombs = () =>
    receiver((_q, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      Readable.from(zeros(1e9)).pipe(createGzip()).pipe(response);
    });

  it('is given back as it was before', async () => {
    const there = await receiver((request, response) =>
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(`asked for ${request.headers['accept-encoding']}`)),
    );
    const { body } = await open.egress.request(get(`${there.url}/`));
    expect(body.toString()).toBe('asked for gzip, deflate, br');
    await there.close();
  });

  it('costs what is read of it when it is a bomb: too large, or its beginning', async () => {
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

  it('that is not what it says fails as such', async () => {
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
  it('sees few connections for many exchanges, what was sent, and no credentials of ours', async () => {
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

  it('is left when the caller leaves', async () => {
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

function residentBytes(): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1_024;
}
