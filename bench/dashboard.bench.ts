// Compares GET /v1/dashboard from cache (authentication, throttling, metrics, a log line per request) with a bare
// Fastify route that returns the same bytes. Each server is a process of its own. Rounds alternate, so both run under
// the same load.
import { fork, type ChildProcess } from 'node:child_process';
import autocannon from 'autocannon';
import fastify from 'fastify';

const PORTFOLIOS = 50;
const ROUNDS = 5;
const SECONDS = 3;
/** The objective concerns the whole dashboard. A small answer shows the fixed cost of a request and is bounded too. */
const FLOORS = { whole: 0.4, small: 0.25 };

const [, , role] = process.argv;
const median = (values: number[]) => [...values].sort((one, other) => one - other)[values.length >> 1]!;

/** The desk with its production settings. */
async function serve(): Promise<void> {
  const { startApp } = await import(new URL('../dist/apps/api/start-app.js', import.meta.url).href);
  const app = await startApp({
    NODE_ENV: 'production',
    DATABASE_URL: process.env['DATABASE_URL'],
    PORT: '0',
    JWT_SECRET_KEY: 'a secret that is only for this measurement',
    SESSIONS_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff'.repeat(2),
    WEBHOOK_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff'.repeat(2),
    ADMIN_EMAIL: 'admin@example.com',
    ADMIN_PASSWORD: 'a password for this bench',
    THROTTLING_MAX_READS: '1000000000',
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
  });
  await app.ready;
  process.send!({ url: app.url });
}

async function bare(): Promise<void> {
  const server = fastify();
  const body = await new Promise<string>((resolve) => process.once('message', resolve as never));
  server.get('/v1/dashboard', (_request, reply) =>
    reply.header('content-type', 'application/json; charset=utf-8').send(body),
  );
  process.send!({ url: await server.listen({ port: 0, host: '127.0.0.1' }) });
}

/** Returns the CPU time that this process has used, in ms. */
function tellCpu(): void {
  process.on('message', (message) => {
    if (message !== 'cpu') return;
    const { user, system } = process.cpuUsage();
    process.send!({ cpu: (user + system) / 1_000 });
  });
}

const children: ChildProcess[] = [];

interface Server {
  child: ChildProcess;
  url: string;
  cpu(): Promise<number>;
}

async function start(name: string, first?: string): Promise<Server> {
  const child = fork(import.meta.filename, [name], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  const answer = () => new Promise<any>((resolve) => child.once('message', resolve));
  if (first !== undefined) child.send(first);
  const { url } = await answer();
  return {
    child,
    url,
    cpu: async () => {
      child.send('cpu');
      return (await answer()).cpu;
    },
  };
}

async function load(
  server: Server,
  path: string,
  headers: Record<string, string>,
): Promise<{ perSecond: number; cpuMicros: number }> {
  const before = await server.cpu();
  const result = await autocannon({
    url: server.url + path,
    headers,
    connections: 50,
    pipelining: 10,
    duration: SECONDS,
  });
  const cpu = (await server.cpu()) - before;
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} answers were not 2xx, ${result.errors} failed`);
  return { perSecond: result['2xx'] / result.duration, cpuMicros: (cpu * 1_000) / result['2xx'] };
}

async function measure(): Promise<void> {
  const full = await start('serve');
  const call = async (method: string, path: string, body?: object, token?: string) => {
    const headers = {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    };
    const response = await fetch(full.url + path, { method, headers, body: body && JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const { accessToken } = (await (
    await call('POST', '/v1/auth/login', { email: 'admin@example.com', password: 'a password for this bench' })
  ).json()) as { accessToken: string };
  const position = (key: number) => ({ key: `K${key}`, quantity: '10', averagePrice: '100.05', lastPrice: '101.25' });
  const snapshots = Array.from({ length: PORTFOLIOS }, (_, at) => ({
    portfolioId: `portfolio-${at}`,
    broker: 'zerodha',
    account: `AB${at}`,
    asOf: '2026-11-02T03:45:00Z',
    currency: 'INR',
    cash: `${at + 1}000.50`,
    positions: [position(at), position(at + 1)],
  }));
  await call('POST', '/v1/portfolios/snapshots', { snapshots }, accessToken);
  for (const [what, query, floor] of [
    ['all panels', '', FLOORS.whole],
    ['one small panel', '?panels=sessions', FLOORS.small],
  ] as const) {
    const path = `/v1/dashboard${query}`;
    await call('GET', '/v1/dashboard', undefined, accessToken);
    const body = await (await call('GET', path, undefined, accessToken)).text();
    const plain = await start('bare', body);
    const headers = { authorization: `Bearer ${accessToken}` };
    const ours: number[] = [];
    const theirs: number[] = [];
    const ourCpu: number[] = [];
    const theirCpu: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const one = await load(full, path, headers);
      const other = await load(plain, '/v1/dashboard', headers);
      if (round === 0) continue; // Warm-up.
      ours.push(one.perSecond);
      ourCpu.push(one.cpuMicros);
      theirs.push(other.perSecond);
      theirCpu.push(other.cpuMicros);
    }
    plain.child.kill();
    const ratio = median(ours.map((perSecond, round) => perSecond / theirs[round]!));
    console.log(
      JSON.stringify({
        bench: 'dashboard',
        what,
        ratio: Number(ratio.toFixed(2)),
        floor,
        pass: ratio >= floor,
        bytes: body.length,
        perSecond: Math.round(median(ours)),
        barePerSecond: Math.round(median(theirs)),
        cpuMicros: Number(median(ourCpu).toFixed(1)),
        bareCpuMicros: Number(median(theirCpu).toFixed(1)),
      }),
    );
  }
}

if (role === 'serve' || role === 'bare') {
  tellCpu();
  await (role === 'serve' ? serve() : bare());
} else {
  try {
    await measure();
  } finally {
    for (const child of children) child.kill();
  }
}
