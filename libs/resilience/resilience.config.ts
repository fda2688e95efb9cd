import { z } from 'zod';
import { configSlice, env, integer, type SliceValue } from '#config';
import { POLICY_KEYS, readOverride } from './policy-options.js';

const ALLOWED = `comma-separated NAME.KEY=NUMBER, e.g. edgar.timeoutMs=5000,feed:*.retries=0; keys: ${POLICY_KEYS.join(', ')}`;

function overrides(): z.ZodType<string[]> {
  return z
    .string()
    .default('')
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .refine((parts) => parts.every((part) => readOverride(part) !== undefined), {
      error: ALLOWED,
    }) as unknown as z.ZodType<string[]>;
}

/** What every dependency starts with; the breaker's numbers are those of Convoy and resilience4j. */
export const resilienceConfig = configSlice('resilience', {
  timeoutMs: env(
    'RESILIENCE_TIMEOUT_MS',
    integer(10_000, 1, 600_000),
    'One attempt at a dependency takes at most so long, ms',
  ),
  retries: env(
    'RESILIENCE_RETRIES',
    integer(2, 0, 10),
    'Further attempts after the first, for what another try can help',
  ),
  failurePercent: env(
    'RESILIENCE_FAILURE_PERCENT',
    integer(70, 1, 100),
    'A breaker opens at this share of failures, percent',
  ),
  minimumCalls: env('RESILIENCE_MINIMUM_CALLS', integer(10, 1, 100_000), '.. of at least so many calls'),
  windowMs: env('RESILIENCE_WINDOW_MS', integer(300_000, 100, 86_400_000), '.. within this time, ms'),
  halfOpenAfterMs: env(
    'RESILIENCE_HALF_OPEN_AFTER_MS',
    integer(30_000, 10, 86_400_000),
    'From open to the one probe, ms',
  ),
  policies: env(
    'RESILIENCE_POLICIES',
    overrides(),
    'Overrides by dependency, e.g. edgar.timeoutMs=5000,feed:*.retries=0',
  ),
});
export type ResilienceConfig = SliceValue<typeof resilienceConfig>;
