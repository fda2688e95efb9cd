// From committed alerts to recorded receipts: deliveries by two worker processes, against a bare SKIP LOCKED queue and
// against pg-boss, each by two processes that sign the same messages with the same library and POST them to the same receiver.
// Run on the built app: DATABASE_URL=postgres://.. node bench/deliveries.bench.ts; the database must be empty.
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { Pool } from 'undici';
import { Startup, Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { WebhooksService } from '#webhooks';

const ALERTS = 400;
const ENDPOINTS = 50;
const TOTAL = ALERTS * ENDPOINTS;
const WORKERS = 2;
const CONCURRENCY = 128;
const ROUNDS = 3;
/** Deliveries a second, whatever the rest does. */
const FLOOR_PER_SECOND = 2_000;
const STEADY_PER_SECOND = 200;
const STEADY_SECONDS = 15;
const FLOOR_P99_MS = 250;

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = JSON.stringify({
  id: randomUUID(),
  type: 'alert',
  severity: 'warning',
  title: 'AAPL moved 5 % in 10 minutes',
  body: 'x'.repeat(400),
  links: [],
  fields: { ticker: 'AAPL' },
});
const url = process.env['DATABASE_URL']!;
const built = (path: string) => import(new URL(`../dist/${path}`, import.meta.url).href) as Promise<any>;

// ---- the receiver: a process of its own, which tells the time of each receipt

function receive(): void {
  let seen = new Map<string, number>();
  let total = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const id = request.headers['webhook-id'] as string;
      total += 1;
      if (!seen.has(id)) seen.set(id, performance.timeOrigin + performance.now());
      response.writeHead(204).end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as { port: number }).port }));
  process.on('message', (message) => {
    if (message !== 'report') return;
    process.send!({ total, different: seen.size, seen: [...seen] });
    [seen, total] = [new Map(), 0];
  });
}

// ---- the POST that all of them make

class Sender {
  private readonly pool = new Pool(process.env['RECEIVER']!, { connections: CONCURRENCY });
  private readonly webhook = new Webhook(SECRET);

  async post(messageId: string, body: string): Promise<number> {
    const now = new Date();
    const response = await this.pool.request({
      method: 'POST',
      path: '/',
      headers: {
        'content-type': 'application/json',
        'webhook-id': messageId,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': this.webhook.sign(messageId, now, body),
      },
      body,
    });
    await response.body.dump();
    return response.statusCode;
  }
}

// ---- ours: the whole app with its webhooks, but for HTTP

async function desk(role: 'web' | 'worker') {
  const { AppModule } = await built('apps/api/app.module.js');
  const environment = {
    ...process.env,
    NODE_ENV: 'test',
    LOG_LEVEL: 'error',
    DESKWIRE_ROLE: role,
    DESKWIRE_DEMO: 'false',
    WEBHOOKS_PER_USER: '100',
    DATABASE_POOL_MIN: '2',
    DATABASE_POOL_MAX: '10',
    DELIVERIES_CONCURRENCY: String(CONCURRENCY),
    EGRESS_ALLOW_PRIVATE: 'true',
    JWT_SECRET_KEY: 'bench-only-secret-of-more-than-32-bytes',
    SESSIONS_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
    WEBHOOK_ENCRYPTION_KEY: 'ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100',
  };
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(environment), {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  await app.get(Startup).run();
  return app;
}

// ---- the bare queue: one table, SKIP LOCKED, one statement to take and one to finish

async function bareWorker(): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  const sender = new Sender();
  let free = CONCURRENCY;
  let done: string[] = [];
  const finish = async () => {
    const ids = done;
    done = [];
    if (ids.length > 0)
      await pool.query({
        name: 'finish',
        text: `UPDATE bare_queue SET status = 'delivered' WHERE id = ANY ($1)`,
        values: [ids],
      });
  };
  setInterval(() => void finish(), 20);
  for (;;) {
    if (free < CONCURRENCY / 4) {
      await pause(1);
      continue;
    }
    const { rows } = await pool.query({
      name: 'take',
      text: `UPDATE bare_queue SET status = 'sending', lease_until = now() + interval '20 s' WHERE id IN (
               SELECT id FROM bare_queue WHERE status = 'pending' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING id, message_id, body`,
      values: [free],
    });
    if (rows.length === 0) await pause(5);
    for (const row of rows) {
      free -= 1;
      void sender.post(row.message_id, row.body).then(() => {
        free += 1;
        done.push(row.id);
        if (done.length >= 100) void finish();
      });
    }
  }
}

async function bossWorker(): Promise<void> {
  const { default: PgBoss } = await import('pg-boss');
  const boss = new PgBoss({ connectionString: url, max: 10 });
  boss.on('error', () => undefined);
  await boss.start();
  const sender = new Sender();
  // As its documentation says for speed: batches, several at a time, polled as often as it lets.
  for (let n = 0; n < 4; n++) {
    await boss.work<{ messageId: string; body: string }>(
      'bench',
      { batchSize: CONCURRENCY / 2, pollingIntervalSeconds: 0.5 },
      async (jobs) => {
        await Promise.all(jobs.map(({ data }) => sender.post(data.messageId, data.body)));
      },
    );
  }
  process.send!('ready');
}

// ---- the bench

async function main(): Promise<void> {
  const receiver = child('receiver');
  const { port } = (await once(receiver)) as { port: number };
  process.env['RECEIVER'] = `http://127.0.0.1:${port}`;
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  const web = await desk('web');
  const queue = web.get(DeliveryQueue, { strict: false });
  const transactions = web.get(Transactions);
  const endpoints: string[] = [];
  const operator = { userId: '00000000-0000-7000-8000-000000000000', roles: ['admin'] } as never;
  for (let n = 0; n < ENDPOINTS; n++) {
    const given = {
      url: `http://127.0.0.1:${port}/`,
      description: '',
      format: 'generic',
      desk: true,
      operator: false,
      minSeverity: null,
      concurrency: 16,
      ratePerSecond: null,
    } as const;
    endpoints.push((await web.get(WebhooksService, { strict: false }).create(operator, given)).id);
  }

  const rates = { ours: [] as number[], bare: [] as number[], boss: [] as number[] };
  const p99s: number[] = [];
  let duplicates = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const ours = await workers('ours');
    rates.ours.push(
      await timed(
        () =>
          transactions.atomic(() =>
            queue.enqueue(
              Array.from({ length: TOTAL }, (_, n) => ({
                alertId: null,
                endpointId: endpoints[n % ENDPOINTS]!,
                messageId: randomUUID(),
                body: BODY,
              })),
            ),
          ),
        async () =>
          Number(
            (await pool.query(`SELECT count(*) FROM alert_delivery_queue WHERE status = 'delivered'`)).rows[0].count,
          ) === TOTAL,
      ),
    );
    const report = (await ask(receiver)) as { total: number; different: number };
    if (report.different !== TOTAL) throw new Error(`${report.different} of ${TOTAL} arrived`);
    duplicates += report.total - report.different;
    if (round === ROUNDS - 1) await steady();
    await stop(ours);
    await pool.query('TRUNCATE alert_delivery_queue, delivery_attempts');

    await pool.query(
      `CREATE TABLE bare_queue (id uuid PRIMARY KEY DEFAULT uuidv7(), message_id text NOT NULL, body text NOT NULL, status text NOT NULL DEFAULT 'pending', lease_until timestamptz)`,
    );
    await pool.query(`CREATE INDEX ON bare_queue (id) WHERE status = 'pending'`);
    const bare = await workers('bare');
    rates.bare.push(
      await timed(
        () =>
          pool.query(
            `INSERT INTO bare_queue (message_id, body) SELECT uuidv7()::text, $1 FROM generate_series(1, $2::integer)`,
            [BODY, TOTAL],
          ),
        async () =>
          Number((await pool.query(`SELECT count(*) FROM bare_queue WHERE status = 'delivered'`)).rows[0].count) ===
          TOTAL,
      ),
    );
    await stop(bare);
    await pool.query('DROP TABLE bare_queue');
    await ask(receiver);

    rates.boss.push(await boss());
    await ask(receiver);
  }

  async function boss(): Promise<number> {
    const { default: PgBoss } = await import('pg-boss');
    const client = new PgBoss({ connectionString: url, max: 2, supervise: false, schedule: false });
    client.on('error', () => undefined);
    await client.start();
    await client.createQueue('bench');
    const started = await workers('boss');
    const jobs = Array.from({ length: TOTAL }, () => ({
      name: 'bench',
      data: { messageId: randomUUID(), body: BODY },
    }));
    const rate = await timed(
      () => client.insert(jobs as never),
      async () =>
        Number((await pool.query(`SELECT count(*) FROM pgboss.job WHERE state = 'completed'`)).rows[0].count) === TOTAL,
    );
    await stop(started);
    await client.stop({ graceful: false });
    await pool.query('DROP SCHEMA pgboss CASCADE');
    return rate;
  }

  async function steady(): Promise<void> {
    const sent = new Map<string, number>();
    const began = performance.now();
    const pending: Promise<unknown>[] = [];
    for (let n = 0; n < STEADY_PER_SECOND * STEADY_SECONDS; n++) {
      const messageId = randomUUID();
      const committed = transactions
        .atomic(() =>
          queue.enqueue([{ alertId: randomUUID(), endpointId: endpoints[n % ENDPOINTS]!, messageId, body: BODY }]),
        )
        .then(() => sent.set(messageId, performance.timeOrigin + performance.now()));
      pending.push(committed);
      const due = ((n + 1) * 1_000) / STEADY_PER_SECOND - (performance.now() - began);
      if (due > 0) await pause(due);
    }
    await Promise.all(pending);
    await pause(1_000);
    const { seen } = (await ask(receiver)) as { seen: [string, number][] };
    const times = seen
      .filter(([id]) => sent.has(id))
      .map(([id, at]) => at - sent.get(id)!)
      .sort((a, b) => a - b);
    if (times.length !== sent.size) throw new Error(`${times.length} of ${sent.size} arrived`);
    p99s.push(times[Math.floor(times.length * 0.5)]!, times[Math.floor(times.length * 0.99)]!);
  }

  const [ours, bare, boss2] = [median(rates.ours), median(rates.bare), median(rates.boss)];
  const [p50, p99] = p99s as [number, number];
  print({
    bench: 'deliveries',
    what: `deliveries a second, in units of the floor of ${FLOOR_PER_SECOND}`,
    ratio: round2(ours / FLOOR_PER_SECOND),
    floor: 1,
    pass: ours >= FLOOR_PER_SECOND && duplicates === 0,
    perSecond: Math.round(ours),
    bareSkipLockedPerSecond: Math.round(bare),
    pgBossPerSecond: Math.round(boss2),
    toBare: round2(ours / bare),
    toPgBoss: round2(ours / boss2),
    duplicates,
  });
  print({
    bench: 'deliveries',
    what: `commit to receipt at ${STEADY_PER_SECOND} a second: ${FLOOR_P99_MS} ms over its p99`,
    ratio: round2(FLOOR_P99_MS / p99),
    floor: 1,
    pass: p99 <= FLOOR_P99_MS,
    p50Ms: Math.round(p50),
    p99Ms: Math.round(p99),
  });
  receiver.kill();
  await pool.end();
  await web.close();
}

function print(line: { bench: string; pass: boolean; [number: string]: unknown }): void {
  console.log(JSON.stringify(line));
  if (!line.pass) process.exitCode = 1;
}

async function timed(begin: () => Promise<unknown>, finished: () => Promise<boolean>): Promise<number> {
  await begin();
  const began = performance.now();
  while (!(await finished())) {
    await pause(50);
    if (performance.now() - began > 120_000) throw new Error('not done in 120 s');
  }
  return TOTAL / ((performance.now() - began) / 1_000);
}

function child(role: string): ChildProcess {
  return fork(import.meta.filename, [role], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

const once = (process: ChildProcess): Promise<unknown> => new Promise((resolve) => process.once('message', resolve));

function ask(process: ChildProcess): Promise<unknown> {
  const answer = once(process);
  process.send('report');
  return answer;
}

async function workers(kind: string): Promise<ChildProcess[]> {
  const started = Array.from({ length: WORKERS }, () => child(kind));
  await Promise.all(started.map(once));
  return started;
}

async function stop(processes: ChildProcess[]): Promise<void> {
  await Promise.all(
    processes.map((process) => {
      const gone = new Promise((resolve) => process.once('exit', resolve));
      process.kill('SIGKILL');
      return gone;
    }),
  );
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const round2 = (value: number) => Number(value.toFixed(2));

process.on('disconnect', () => process.exit());
switch (process.argv[2]) {
  case 'receiver':
    receive();
    break;
  case 'ours':
    await desk('worker');
    process.send!('ready');
    break;
  case 'bare':
    process.send!('ready');
    await bareWorker();
    break;
  case 'boss':
    await bossWorker();
    break;
  default:
    await main();
}
