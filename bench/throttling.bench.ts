// Compares the request counters with the store of @nestjs/throttler and with rate-limiter-flexible: memory per client, on the
// heap and off-heap, and time per check, in memory and with Redis (if redis-server is installed).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ThrottlerStorageService } from '@nestjs/throttler';
import { createClient } from '@redis/client';
import { Counter, Registry } from 'prom-client';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { CountSettlement as Settling } from '../libs/throttling/cluster/count-settlement.js';
import type { RatePolicy as Policy } from '../libs/throttling/rate-policy.js';
import type { ThrottlerMemory as Memory } from '../libs/throttling/throttler-memory.js';

const built = (path: string) => import(new URL(`../dist/libs/throttling/${path}.js`, import.meta.url).href);
const { ThrottlerMemory } = (await built('throttler-memory')) as { ThrottlerMemory: typeof Memory };
const { RatePolicy } = (await built('rate-policy')) as { RatePolicy: typeof Policy };
const { CountSettlement } = (await built('cluster/count-settlement')) as { CountSettlement: typeof Settling };

const MINUTE = 60_000;
/** A million clients against fewer of the other store, which has a timer for each. */
const [OURS, THEIRS] = [1_000_000, 50_000];
const MEMORY_FLOOR = 10;
/** A check may take this long, in microseconds. */
const CHECK_US = 5;
/** Ours also writes the headers of the answer. */
const TIME_FLOOR = 0.5;
const CHECKS = 400_000;
const CLIENTS = 1_000;
const BUSY_CLIENTS = 20;
const LIMIT = 60_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Buffers are freed after a collection, so a second one runs after a pass of the event loop. */
async function used(): Promise<number> {
  for (let round = 0; round < 2; round++) {
    collect();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const address = (i: number) => `${i >>> 24}.${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}`;
const addresses = Array.from({ length: CLIENTS }, (_, n) => address(n + 167_772_160));

async function bytesEach(store: Pick<Memory, 'increment'>, clients: number): Promise<number> {
  const before = await used();
  for (let i = 0; i < clients; i++) await store.increment(address(i), MINUTE, 2, MINUTE, 'read');
  return ((await used()) - before) / clients;
}

/** Microseconds per check, the better of two rounds, the first of which warms up. */
async function microseconds(
  check: (client: string) => Promise<unknown> | undefined,
  checks = CHECKS,
  clients = CLIENTS,
): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < 2; round++) {
    const began = performance.now();
    for (let n = 0; n < checks; n++) {
      const answer = check(addresses[n % clients]!);
      if (answer !== undefined) await answer;
      // Requests come from the event loop, which must also get to the answers of Redis.
      if (n % 500 === 499) await new Promise(setImmediate);
    }
    best = Math.min(best, ((performance.now() - began) * 1_000) / checks);
  }
  return best;
}

function report(what: string, ratio: number, floor: number, pass: boolean, numbers: Record<string, number>): void {
  const rounded = Object.fromEntries(Object.entries(numbers).map(([name, n]) => [name, Number(n.toPrecision(3))]));
  console.log(JSON.stringify({ bench: 'throttling', what, ratio: Number(ratio.toFixed(1)), floor, pass, ...rounded }));
}

const reply = { header: () => reply } as never;
let registries = 0;
function policyOn(settlement: object, memory: Memory, limit = LIMIT, unsettledPart = 64): Policy {
  const of = { name: 'read', counter: 'read', limit, windowMs: MINUTE, unsettledPart, per: 'user', alone: () => limit };
  const name = `refusals_${registries++}`;
  const counter = new Counter({ name, help: name, labelNames: ['class'], registers: [new Registry()] });
  return new RatePolicy(of as never, memory, settlement as never, counter);
}

const bytes = await bytesEach(new ThrottlerMemory(OURS), OURS);
const theirs = new ThrottlerStorageService();
const theirBytes = await bytesEach(theirs, THEIRS);
theirs.onApplicationShutdown();
report(
  'bytes per client, @nestjs/throttler : Deskwire',
  theirBytes / bytes,
  MEMORY_FLOOR,
  theirBytes / bytes >= MEMORY_FLOOR,
  { bytes, theirBytes },
);

const alone = policyOn({ isShared: false, isEnabled: false }, new ThrottlerMemory(OURS));
const us = await microseconds((client) => alone.admit(client, reply));
const flexible = new RateLimiterMemory({ points: LIMIT, duration: 60 });
const flexibleUs = await microseconds((client) => flexible.consume(client));
const store = new ThrottlerStorageService();
const storeUs = await microseconds((client) => store.increment(client, MINUTE, LIMIT, MINUTE, 'read'), CHECKS / 40);
store.onApplicationShutdown();
report(
  'time of a check in memory, rate-limiter-flexible : Deskwire',
  flexibleUs / us,
  TIME_FLOOR,
  us < CHECK_US && flexibleUs / us >= TIME_FLOOR && us <= storeUs,
  { us, flexibleUs, throttlerUs: storeUs, maxUs: CHECK_US },
);

const redis = await startRedis();
if (redis !== undefined) {
  const { client, server } = redis;
  const memory = new ThrottlerMemory(OURS);
  let calls = 0;
  const script = async ({ lua }: { lua: string }, keys: string[], args: string[]) => (
    (calls += 1),
    client.eval(lua, { keys, arguments: args })
  );
  const peers = {
    id: 'bench',
    joined: true,
    run: script,
    nameOf: (text: string) => text,
    onJoin: () => undefined,
  };
  const parts = { enabled: true, key: (...names: string[]) => names.join(':'), script };
  const settlement = new CountSettlement(parts as never, peers as never, memory, { settleMs: 100 } as never);
  const shared = policyOn(settlement, memory);
  // Few clients, so that each reports many times and also waits for settlements.
  const sharedUs = await microseconds((each) => shared.admit(each, reply), CHECKS, BUSY_CLIENTS);
  const sharedCalls = calls;
  const other = new RateLimiterRedis({ storeClient: client, useRedisPackage: true, points: LIMIT, duration: 60 });
  const otherUs = await microseconds((each) => other.consume(each), CHECKS / 100);
  report(
    'time of a check with Redis, rate-limiter-flexible : Deskwire',
    otherUs / sharedUs,
    10,
    sharedUs < CHECK_US && otherUs / sharedUs >= 10,
    { sharedUs, otherUs, checksPerCall: (2 * CHECKS) / Math.max(1, sharedCalls), maxUs: CHECK_US },
  );
  client.destroy();
  server.kill('SIGKILL');
}

async function startRedis() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  listener.close();
  await once(listener, 'close');
  const server = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  });
  const failed = await Promise.race([once(server, 'error').then(() => true), sleep(300, false)]);
  if (failed) return undefined;
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  client.on('error', () => undefined);
  await client.connect();
  return { client, server };
}
