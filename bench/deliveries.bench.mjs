// Measures the way from committed alerts to recorded receipts. Compares deliveries by two worker processes with a bare
// SKIP LOCKED queue and with pg-boss. Each has two processes that sign the same messages with the same library and POST
// them to the same receiver. Runs on the built app: DATABASE_URL=postgres://.. node bench/deliveries.bench.mjs. The
// database must be empty.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { report, start, startWorkers, stop } from './deliveries/children.mjs';
import { addEndpoints, startDesk } from './deliveries/desk.mjs';
import { latencies, percentile } from './deliveries/latency.mjs';
import { bare, deskwire, pgBoss } from './deliveries/queues.mjs';

const TOTAL = 20_000;
const ENDPOINTS = 50;
const WORKERS = 2;
const ROUNDS = 3;
/** Deliveries per second, whatever the other queues reach. */
const FLOOR_PER_SECOND = 2_000;
const STEADY = { perSecond: 200, seconds: 15 };
const FLOOR_P99_MS = 250;

const { child: receiver, first } = await start('receiver.mjs');
process.env.RECEIVER = first.url;
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
const web = await startDesk('web');
const endpoints = await addEndpoints(web, Array(ENDPOINTS).fill(first.url));
const queues = { ours: deskwire(pool, web, endpoints), bare: bare(pool), boss: pgBoss(pool) };

const rates = { ours: [], bare: [], boss: [] };
let duplicates = 0;
let steady;
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, queue] of Object.entries(queues)) {
    await queue.prepare();
    const workers = await startWorkers(queue.worker, WORKERS);
    rates[name].push(await throughput(queue));
    const { total, seen } = await report(receiver);
    if (seen.length !== TOTAL) throw new Error(`${name}: ${seen.length} of ${TOTAL} arrived`);
    if (name === 'ours') duplicates += total - seen.length;
    if (name === 'ours' && round === ROUNDS - 1) steady = await latencies(web, receiver, endpoints, STEADY);
    await stop(workers);
    await queue.clean();
  }
}

const [ours, others, p99] = [median(rates.ours), [rates.bare, rates.boss].map(median), percentile(steady, 0.99)];
print({
  bench: 'deliveries',
  what: `deliveries per second, in units of the floor of ${FLOOR_PER_SECOND}`,
  ratio: round2(ours / FLOOR_PER_SECOND),
  floor: 1,
  pass: ours >= FLOOR_PER_SECOND && duplicates === 0,
  perSecond: Math.round(ours),
  bareSkipLockedPerSecond: Math.round(others[0]),
  pgBossPerSecond: Math.round(others[1]),
  toBare: round2(ours / others[0]),
  toPgBoss: round2(ours / others[1]),
  duplicates,
});
print({
  bench: 'deliveries',
  what: `commit to receipt at ${STEADY.perSecond} per second: ${FLOOR_P99_MS} ms over its p99`,
  ratio: round2(FLOOR_P99_MS / p99),
  floor: 1,
  pass: p99 <= FLOOR_P99_MS,
  p50Ms: Math.round(percentile(steady, 0.5)),
  p99Ms: Math.round(p99),
});
receiver.kill();
await pool.end();
await web.close();

/** @returns deliveries per second */
async function throughput({ fill, finished }) {
  await fill(TOTAL);
  const began = performance.now();
  while ((await finished()) < TOTAL) {
    await pause(50);
    if (performance.now() - began > 120_000) throw new Error('not done in 120 s');
  }
  return TOTAL / ((performance.now() - began) / 1_000);
}

function print(line) {
  console.log(JSON.stringify(line));
  if (!line.pass) process.exitCode = 1;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function round2(value) {
  return Number(value.toFixed(2));
}
