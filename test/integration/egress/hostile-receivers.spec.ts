import { createServer as createTcpServer, type Socket } from 'node:net';
import { createGzip, gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { classifyError } from '#resilience';
import {
  type Listening,
  listening,
  openEgress,
  type OpenEgress,
  post,
  receiver,
  ScriptedResolver,
  socketsDuring,
  zeros,
} from './egress.fixture.js';

/** The limit of an attempt that must end by it. Others have a limit that only guards against hanging. */
const LIMIT_MS = 500;
const ALLOWED = { EGRESS_ALLOW_HOSTS: '127.0.0.1/32' };
const PATIENT_MS = 120_000;
const STORED = 16_384;
const HEAD = 'HTTP/1.1 200 OK\r\n';
const raw = (behave: (socket: Socket) => void) =>
  listening(createTcpServer((socket) => (socket.once('data', () => behave(socket)), undefined)));

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
/** Behaviour of the receiver, and the end of the attempt. */
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
  const limitOf = (expected: Expected) => ('class' in expected && expected.class === 'timeout' ? LIMIT_MS : PATIENT_MS);

  beforeAll(() => (open = openEgress(new ScriptedResolver(() => []), ALLOWED)));
  afterAll(() => open.close());

  it.each(HOSTILE)('%s: the attempt ends within its limit and holds 16 KiB at most', async (_what, start, expected) => {
    const there = await start();
    const ended = await open.egress.request(post(`${there.url}/`, { timeoutMs: limitOf(expected) })).then(
      (response) => ({ response, error: undefined }),
      (error: unknown) => ({ response: undefined, error }),
    );
    if ('status' in expected) {
      expect(ended.response).toMatchObject(expected);
      expect(ended.response!.body.length).toBeLessThanOrEqual(STORED);
    } else {
      expect(ended.error).toMatchObject({ code: expected.code });
      expect(classifyError(ended.error)).toBe(expected.class);
    }
    await there.close();
  });

  it('a hostile receiver that stalls in TLS, or speaks none, fails within the limit of a connection', async () => {
    const hasty = openEgress(new ScriptedResolver(() => []), ALLOWED, { connectTimeoutMs: 300 });
    const silent = await listening(
      createTcpServer(() => undefined),
      'https',
    );
    await expect(hasty.egress.request(post(`${silent.url}/`, { timeoutMs: PATIENT_MS }))).rejects.toMatchObject({
      errorClass: 'timeout',
    });
    await hasty.close();
    await silent.close();
    const plain = await listening(
      createTcpServer((socket) => void socket.end('HTTP/1.1 400 x\r\n\r\n')),
      'https',
    );
    await expect(open.egress.request(post(`${plain.url}/`, { timeoutMs: PATIENT_MS }))).rejects.toMatchObject({
      code: 'EGRESS_FAILED',
      errorClass: 'server',
    });
    await plain.close();
  });

  it('a request to an absent receiver fails at once', async () => {
    const gone = await receiver(() => undefined);
    await gone.close();
    await expect(open.egress.request(post(`${gone.url}/`, { timeoutMs: PATIENT_MS }))).rejects.toMatchObject({
      code: 'EGRESS_FAILED',
      errorClass: 'refused',
    });
  });

  it('costs little memory: of 300 attempts at once none reads more than 1 MiB', async () => {
    const all = await Promise.all(HOSTILE.map(async ([, start]) => start()));
    const sockets = await socketsDuring(() =>
      Promise.all(
        Array.from({ length: 300 }, (_, i) =>
          open.egress.request(post(`${all[i % all.length]!.url}/`, { timeoutMs: 5 * LIMIT_MS })).catch(() => undefined),
        ),
      ),
    );
    const read = sockets.map(({ bytesRead }) => bytesRead);
    expect(read.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(300 * 100);
    expect(Math.max(...read)).toBeLessThanOrEqual(1_048_576);
    await Promise.all(all.map((one) => one.close()));
  });
});
