// Compares the memory per client counter with the store of @nestjs/throttler, on the heap and off-heap.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ThrottlerStorageService } from '@nestjs/throttler';
import type { ThrottlerMemory as Memory } from '../libs/throttling/throttler-memory.js';

const { ThrottlerMemory } = (await import(
  new URL('../dist/libs/throttling/throttler-memory.js', import.meta.url).href
)) as { ThrottlerMemory: typeof Memory };

const MINUTE = 60_000;
/** A million clients against fewer of the other store, which has a timer for each. */
const [OURS, THEIRS] = [1_000_000, 50_000];
const FLOOR = 10;

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

async function bytesEach(store: Pick<Memory, 'increment'>, clients: number): Promise<number> {
  const before = await used();
  for (let i = 0; i < clients; i++) await store.increment(address(i), MINUTE, 2, MINUTE, 'read');
  return ((await used()) - before) / clients;
}

const bytes = await bytesEach(new ThrottlerMemory(OURS), OURS);
const theirs = new ThrottlerStorageService();
const theirBytes = await bytesEach(theirs, THEIRS);
theirs.onApplicationShutdown();
const ratio = theirBytes / bytes;
console.log(
  JSON.stringify({
    bench: 'throttling',
    what: 'bytes per client, @nestjs/throttler : Deskwire',
    ratio: Number(ratio.toFixed(1)),
    floor: FLOOR,
    pass: ratio >= FLOOR,
    bytes: Math.round(bytes),
    theirBytes: Math.round(theirBytes),
  }),
);
