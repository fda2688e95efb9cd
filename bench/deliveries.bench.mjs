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
const TARGET_PER_SECOND = 2_000;
/** Deliveries per second, ours / of the queue. */
const FLOORS = { bare: 0.4, pgBoss: 1 };
const STEADY = { perSecond: 200, seconds: 15 };
const TARGET_P99_MS = 250;

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

const [ours, bareRate, bossRate] = [rates.ours, rates.bare, rates.boss].map(median);
const p99 = percentile(steady, 0.99);
for (const [name, theirs, floor] of [
  ['a bare SKIP LOCKED queue', bareRate, FLOORS.bare],
  ['pg-boss', bossRate, FLOORS.pgBoss],
])
  print({
    what: `deliveries per second, ours : ${name}`,
    ratio: round2(ours / theirs),
    floor,
    pass: ours / theirs >= floor && duplicates === 0,
    perSecond: Math.round(ours),
    theirsPerSecond: Math.round(theirs),
    duplicates,
  });
print({
  what: 'deliveries per second',
  measured: Math.round(ours),
  target: `at least ${TARGET_PER_SECOND}`,
  met: ours >= TARGET_PER_SECOND,
});
print({
  what: `commit to receipt at ${STEADY.perSecond} per second, p99, ms`,
  measured: Math.round(p99),
  target: `at most ${TARGET_P99_MS}`,
  met: p99 <= TARGET_P99_MS,
  p50Ms: Math.round(percentile(steady, 0.5)),
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
  console.log(JSON.stringify({ bench: 'deliveries', ...line }));
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function round2(value) {
  return Number(value.toFixed(2));
}
