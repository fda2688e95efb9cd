import { type Redis, type RedisScript, redisScript } from '#redis';
import type { Peers } from '#throttling';

/** The three counters of an attempt, in the order of the keys of the scripts. */
export const COUNTERS = ['pair', 'network', 'account'] as const;
type Counter = (typeof COUNTERS)[number];
/** Each key is a hash, so nobody is named in Redis. */
export type AttemptKeys = Record<Counter, string>;

/** What all processes counted of one key. */
interface SharedCount {
  count: number;
  /** The part of the process that asks. */
  own: number;
  /** Time to the end of the window, ms. */
  leftMs: number;
}

export interface SharedVerdict {
  /** How long the pair or the network must wait, ms; then nothing was counted. */
  waitMs: number;
  /** How long the account must wait, ms; then the attempt was not counted for it. */
  accountWaitMs: number;
  counts: Record<Counter, SharedCount>;
}

/** A count that another process, or this one, has changed. */
export interface ChangedCount extends SharedCount {
  counter: Counter;
  key: string;
}

/** How long changes of counts are kept for the other processes to learn them, in ms. */
const RECENT_MS = 10_000;
/** Changes that one call reads; others are not learnt. */
const READ_AT_ONCE = 2_000;

const COUNTS = `
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function changed(recent, from, to)
  local now = clock()
  for n = from, to do redis.call('ZADD', recent, now, KEYS[n]) end
  redis.call('ZREMRANGEBYSCORE', recent, '-inf', now - ${RECENT_MS})
  redis.call('PEXPIRE', recent, ${2 * RECENT_MS})
end
local function total(key)
  local sum = 0
  for _, count in ipairs(redis.call('HVALS', key)) do sum = sum + count end
  return sum
end
local function counts(answer)
  for n = 1, 3 do
    table.insert(answer, total(KEYS[n]))
    table.insert(answer, tonumber(redis.call('HGET', KEYS[n], ARGV[1]) or 0))
    table.insert(answer, redis.call('PTTL', KEYS[n]))
  end
  return answer
end
`;

/** KEYS: pair, network, account, recent changes. ARGV: process, window in ms, their limits. */
const BEGIN = redisScript(`${COUNTS}
local function wait(n)
  if total(KEYS[n]) < tonumber(ARGV[2 + n]) then return 0 end
  return math.max(1, redis.call('PTTL', KEYS[n]))
end
local refused = math.max(wait(1), wait(2))
local account = 0
if refused == 0 then
  account = wait(3)
  for n = 1, account == 0 and 3 or 2 do
    redis.call('HINCRBY', KEYS[n], ARGV[1], 1)
    if redis.call('PTTL', KEYS[n]) < 0 then redis.call('PEXPIRE', KEYS[n], ARGV[2]) end
  end
  changed(KEYS[4], 1, 3)
end
return counts({ refused, account })
`);

/** KEYS: pair, network, account, recent changes. ARGV: process, whether to forget the pair, whether the account was counted. */
const END = redisScript(`${COUNTS}
if ARGV[2] == '1' then redis.call('DEL', KEYS[1]) end
for n = 1, ARGV[3] == '1' and 3 or 2 do
  if tonumber(redis.call('HGET', KEYS[n], ARGV[1]) or 0) > 0 then redis.call('HINCRBY', KEYS[n], ARGV[1], -1) end
end
changed(KEYS[4], 1, 3)
return counts({})
`);

/** KEYS: recent changes, counters. ARGV: process, then for each counter the own count and the time to the end of its window in ms. */
const REPORT = redisScript(`${COUNTS}
for n = 2, #KEYS do
  redis.call('HSET', KEYS[n], ARGV[1], ARGV[2 * n - 2])
  if redis.call('PTTL', KEYS[n]) < 0 then redis.call('PEXPIRE', KEYS[n], ARGV[2 * n - 1]) end
end
changed(KEYS[1], 2, #KEYS)
`);

/** KEYS: recent changes. ARGV: process, time of the oldest change. Returns the time, then key, count, own count and rest of its window. */
const LOOK = redisScript(`${COUNTS}
local answer = { clock() }
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[2], '+inf', 'BYSCORE', 'LIMIT', 0, ${READ_AT_ONCE})) do
  table.insert(answer, key)
  table.insert(answer, total(key))
  table.insert(answer, tonumber(redis.call('HGET', key, ARGV[1]) or 0))
  table.insert(answer, redis.call('PTTL', key))
end
return answer
`);

const REPORTED_AT_ONCE = 200;

/**
 * Counts attempts over all processes, exactly: one script decides and counts in one step. Each process writes its own counts
 * only, so that a report after an outage counts nothing twice.
 */
export class SharedAttempts {
  readonly #recent: string;
  readonly #prefix: string;
  #lookedAt = 0;

  constructor(
    private readonly redis: Redis,
    readonly peers: Peers,
  ) {
    this.#recent = redis.key('attempts', 'recent');
    this.#prefix = `${redis.key('attempts')}:`;
  }

  /** @returns undefined if Redis does not answer */
  async begin(keys: AttemptKeys, windowMs: number, limits: readonly number[]): Promise<SharedVerdict | undefined> {
    const answer = await this.#run(BEGIN, keys, [String(windowMs), ...limits.map(String)]);
    if (answer === undefined) return undefined;
    const [waitMs = 0, accountWaitMs = 0, ...counts] = answer;
    return { waitMs, accountWaitMs, counts: countsFrom(counts) };
  }

  /** @returns undefined if Redis does not answer: the attempt then stays counted */
  async end(
    keys: AttemptKeys,
    forgetPair: boolean,
    ofAccount: boolean,
  ): Promise<Record<Counter, SharedCount> | undefined> {
    const answer = await this.#run(END, keys, [forgetPair ? '1' : '0', ofAccount ? '1' : '0']);
    return answer && countsFrom(answer);
  }

  /** The counts that were changed since the last call, by this process or another. */
  async changes(): Promise<ChangedCount[]> {
    const args = [this.peers.id, String(this.#lookedAt)];
    const [time, ...fields] = (await this.peers.run<(number | string)[]>(LOOK, [this.#recent], args)) ?? [];
    if (time === undefined) return [];
    this.#lookedAt = Number(time);
    return Array.from({ length: fields.length / 4 }, (_, n) => {
      const [name, ...numbers] = fields.slice(4 * n, 4 * n + 4);
      const [counter, key] = String(name).slice(this.#prefix.length).split(':') as [Counter, string];
      const [count, own, leftMs] = numbers.map(Number) as [number, number, number];
      return { counter, key, count, own, leftMs };
    });
  }

  /** Reports what this process counted. @throws DomainError REDIS_UNAVAILABLE */
  async report(counts: Iterable<{ counter: Counter; key: string; own: number; leftMs: number }>): Promise<void> {
    let keys: string[] = [];
    let args: string[] = [];
    const send = async () => {
      if (keys.length > 0) await this.redis.script(REPORT, [this.#recent, ...keys], [this.peers.id, ...args]);
      keys = [];
      args = [];
    };
    for (const { counter, key, own, leftMs } of counts) {
      keys.push(this.#keyOf(counter, key));
      args.push(String(own), String(Math.ceil(leftMs)));
      if (keys.length === REPORTED_AT_ONCE) await send();
    }
    await send();
  }

  async #run(script: RedisScript, keys: AttemptKeys, args: string[]): Promise<number[] | undefined> {
    if (!this.peers.joined) return undefined;
    const names = COUNTERS.map((counter) => this.#keyOf(counter, keys[counter]));
    return this.peers.run<number[]>(script, [...names, this.#recent], [this.peers.id, ...args]);
  }

  #keyOf(counter: Counter, key: string): string {
    return `${this.#prefix}${counter}:${key}`;
  }
}

function countsFrom(numbers: readonly number[]): Record<Counter, SharedCount> {
  const of = (n: number): SharedCount => ({ count: numbers[n]!, own: numbers[n + 1]!, leftMs: numbers[n + 2]! });
  return { pair: of(0), network: of(3), account: of(6) };
}
