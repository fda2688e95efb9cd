import { z } from 'zod';
import { configSlice, env, Secret, type SliceValue } from '#config';

const ALLOWED = 'redis://[[user]:password@]host[:port][/number], or rediss:// for TLS';

function redisUrl(): z.ZodType<Secret | undefined> {
  return z
    .string()
    .refine((value) => /^rediss?:$/.test(protocolOf(value)), { error: ALLOWED })
    .transform((value) => new Secret(value))
    .optional() as unknown as z.ZodType<Secret | undefined>;
}

function protocolOf(value: string): string {
  return URL.canParse(value) ? new URL(value).protocol : '';
}

export const redisConfig = configSlice(
  'redis',
  {
    url: env(
      'REDIS_URL',
      redisUrl(),
      'URL of Redis, which processes of one desk share for limits, budgets and caches. Unset: each process has its own',
      { secret: true },
    ),
  },
  {
    /** Maximum duration of one call, in ms. */
    timeoutMs: 50,
    /** Minimum number of calls before the breaker can open. */
    minimumCalls: 5,
    /** The window of the breaker, in ms. */
    windowMs: 10_000,
    /** Maximum time to connect, with the sign-in, in ms. */
    connectTimeoutMs: 1_000,
    /** Maximum delay before the next attempt to connect, in ms. */
    retryMaxMs: 1_000,
    /** Maximum number of calls that wait for an answer. */
    maxWaiting: 10_000,
  },
);
export type RedisConfig = SliceValue<typeof redisConfig>;
