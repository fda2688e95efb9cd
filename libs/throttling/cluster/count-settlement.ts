import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectThrottlerStorage } from '@nestjs/throttler';
import { Redis, redisScript } from '#redis';
import { type ThrottlingConfig, throttlingConfig } from '../throttling.config.js';
import { type OwnCount, ThrottlerMemory } from '../throttler-memory.js';
import { Peers } from './peers.js';

/** A limit whose counts are settled. */
export interface SettledLimit {
  /** The name under which the memory counts. */
  counter: string;
  limit: number;
  windowMs: number;
}

/** `true`: granted and counted. `undefined`: Redis did not answer. */
type Answer = boolean | undefined;

type Send = (keys: string[], args: string[]) => Promise<number[] | undefined>;

interface Pending {
  of: SettledLimit;
  key: string;
  /** Requests that wait for the decision. */
  waiting: ((answer: Answer) => void)[];
}

/** Keys that one call settles. */
const BATCH = 200;
/** Keys that wait for a settlement. Others are settled when they are asked for. */
const MAX_PENDING = 10_000;

/**
 * KEYS: for each counter the hash of its window and that of the window before. ARGV: process and lifetime in ms, then for each
 * counter the own count, the requests that wait, the limit, and the weight of the window before.
 * Returns for each the total, the total of the window before, and how many requests are granted.
 */
const SETTLE = redisScript(`
local function sum(key)
  local total = 0
  for _, count in ipairs(redis.call('HVALS', key)) do total = total + count end
  return total
end
local answer = {}
for n = 1, #KEYS / 2 do
  local key, at = KEYS[2 * n - 1], 4 * n - 1
  local own, want, limit, overlap = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local total = sum(key) - (redis.call('HGET', key, ARGV[1]) or 0) + own
  local before = sum(KEYS[2 * n])
  local granted = math.min(want, math.max(0, math.floor(limit - before * overlap - total + 1e-6)))
  redis.call('HSET', key, ARGV[1], own + granted)
  redis.call('PEXPIRE', key, ARGV[2])
  answer[3 * n - 2] = total + granted
  answer[3 * n - 1] = before
  answer[3 * n] = granted
end
return answer
`);

/**
 * Settles the request counts of this process with those of the others. A process counts by itself and reports its counts in
 * batches, at most every `settleMs`. Only a key with too many unreported requests waits for a settlement, and all such keys
 * wait for the same call, so the load of Redis does not grow with the number of requests.
 */
@Injectable()
export class CountSettlement implements OnModuleInit {
  readonly #pending = new Map<string, Pending>();
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  constructor(
    private readonly redis: Redis,
    private readonly peers: Peers,
    @InjectThrottlerStorage() private readonly memory: ThrottlerMemory,
    @Inject(throttlingConfig.token) private readonly config: ThrottlingConfig,
  ) {}

  onModuleInit(): void {
    // What was counted alone.
    const send: Send = (keys, args) => this.redis.script<number[]>(SETTLE, keys, args).catch(() => undefined);
    this.peers.onJoin(async () => {
      while (this.#pending.size > 0)
        if (!(await this.#settle(this.#takeBatch(), send))) throw new Error('Redis does not answer.');
    });
  }

  /** Whether counts are settled now. */
  get isShared(): boolean {
    return this.peers.joined;
  }

  /** Whether counts are ever settled. */
  get isEnabled(): boolean {
    return this.redis.enabled;
  }

  /** Reports the key with the next settlement. */
  due(of: SettledLimit, key: string): void {
    this.#pendingOf(of, key);
    if (this.isShared) this.#timer ??= setTimeout(() => void this.#run(), this.config.settleMs).unref();
  }

  /** Settles the key and asks for one more request of it. */
  ask(of: SettledLimit, key: string): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const pending = this.#pendingOf(of, key);
    if (pending === undefined) return Promise.resolve(undefined);
    pending.waiting.push(resolve);
    void this.#run();
    return promise;
  }

  #pendingOf(of: SettledLimit, key: string): Pending | undefined {
    const id = `${of.counter} ${key}`;
    let pending = this.#pending.get(id);
    if (pending !== undefined) return pending;
    if (this.#pending.size >= MAX_PENDING) return undefined;
    this.#pending.set(id, (pending = { of, key, waiting: [] }));
    return pending;
  }

  /** Settles until nobody waits. One call runs at a time; requests that come meanwhile share the next one. */
  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#pending.size > 0 && this.isShared) await this.#settle(this.#takeBatch());
    this.#running = false;
    // Without Redis, each of these requests is decided by this process alone.
    for (const { waiting } of this.#pending.values()) for (const resolve of waiting.splice(0)) resolve(undefined);
  }

  #takeBatch(): Pending[] {
    const batch: Pending[] = [];
    for (const [id, pending] of this.#pending) {
      this.#pending.delete(id);
      batch.push(pending);
      if (batch.length === BATCH) break;
    }
    return batch;
  }

  /** @returns whether Redis answered */
  async #settle(
    batch: readonly Pending[],
    send: Send = (keys, args) => this.peers.run<number[]>(SETTLE, keys, args),
  ): Promise<boolean> {
    const asked = batch
      .map((pending) => ({ pending, ...this.#ownCount(pending), wanted: pending.waiting.length }))
      .filter(({ own, settled, wanted }) => own !== settled || wanted > 0);
    if (asked.length === 0) return true;
    const keys: string[] = [];
    const args = [this.peers.id, String(2 * Math.max(...batch.map(({ of }) => of.windowMs)))];
    for (const { pending, window, own, wanted, overlap } of asked) {
      const name = this.peers.nameOf(pending.key);
      keys.push(...[window, window - 1].map((each) => this.redis.key('limit', pending.of.counter, name, String(each))));
      args.push(String(own), String(wanted), String(pending.of.limit), String(overlap));
    }
    const counts = await send(keys, args);
    if (counts === undefined) {
      this.#keepPending(batch);
      return false;
    }
    for (const [n, { pending, window, own }] of asked.entries()) {
      const [total, previous, granted] = counts.slice(3 * n, 3 * n + 3) as [number, number, number];
      this.memory.adopt(pending.key, pending.of.counter, { window, reported: own, granted, total, previous });
      for (const [place, resolve] of pending.waiting.entries()) resolve(place < granted);
    }
    return true;
  }

  /** The others learn these counts when Redis answers again. Whoever waits is decided by this process alone. */
  #keepPending(batch: readonly Pending[]): void {
    for (const { of, key, waiting } of batch) {
      this.#pendingOf(of, key);
      for (const resolve of waiting) resolve(undefined);
    }
  }

  #ownCount({ of, key }: Pending): OwnCount {
    return this.memory.ownCount(key, of.windowMs, of.limit, of.counter);
  }
}
