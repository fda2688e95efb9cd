import { z } from 'zod';
import { configSlice, env, type SliceValue } from '#config';
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

export const resilienceConfig = configSlice(
  'resilience',
  {
    policies: env(
      'RESILIENCE_POLICIES',
      overrides(),
      'Limits of single dependencies, e.g. edgar.timeoutMs=5000,feed:*.retries=0',
    ),
  },
  {
    /** Maximum duration of one attempt, in ms. It adapts to the dependency, down to a fifth of this. */
    timeoutMs: 10_000,
    /** Further attempts after the first, for errors that a retry can help. */
    retries: 2,
    /** Share of failed calls at which a breaker opens, in percent (the defaults of Convoy and resilience4j). */
    failurePercent: 70,
    /** Minimum number of calls in the window before a breaker can open. */
    minimumCalls: 10,
    /** The window of a breaker, in ms. */
    windowMs: 300_000,
    /** Time from the opening of a breaker to its one probe, in ms. */
    halfOpenAfterMs: 30_000,
  },
);
export type ResilienceConfig = SliceValue<typeof resilienceConfig>;
