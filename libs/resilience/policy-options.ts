/** Limits of the calls of one dependency. Times in ms. `concurrency: 0` means no bulkhead, `failureRatio: 0` no breaker. */
export interface PolicyOptions {
  /** Maximum duration of one attempt until enough calls have been measured. Then it adapts to their 99th percentile. */
  timeoutMs: number;
  /** Lower limit of the adapted timeout. By default a fifth of `timeoutMs`. At the maximum the timeout is fixed. */
  minTimeoutMs: number;
  /** Upper limit of the adapted timeout. By default `timeoutMs`. */
  maxTimeoutMs: number;
  /** Attempts after the first, for errors that a retry can help. */
  retries: number;
  retryBaseMs: number;
  retryMaxMs: number;
  /** Share of failures (0..1) at which the breaker opens. */
  failureRatio: number;
  /** Minimum number of calls before it can open. */
  minimumCalls: number;
  /** Time in which these calls are counted. */
  windowMs: number;
  /** Time from the opening to the probe. */
  halfOpenAfterMs: number;
  /** Maximum concurrent calls. */
  concurrency: number;
  /** Maximum waiting calls. More are refused at once. */
  queue: number;
}

export const POLICY_KEYS = [
  'timeoutMs',
  'minTimeoutMs',
  'maxTimeoutMs',
  'retries',
  'retryBaseMs',
  'retryMaxMs',
  'failureRatio',
  'minimumCalls',
  'windowMs',
  'halfOpenAfterMs',
  'concurrency',
  'queue',
] as const satisfies readonly (keyof PolicyOptions)[];

/** An override from the environment. `name` is exact, ends in `*`, or is `*`. */
export interface PolicyOverride {
  name: string;
  key: keyof PolicyOptions;
  value: number;
}

/** The limits of a timeout are optional: they follow from it. */
export type PolicyDefaults = Omit<PolicyOptions, 'minTimeoutMs' | 'maxTimeoutMs'>;

const POSITIVE: ReadonlySet<string> = new Set(['timeoutMs', 'minTimeoutMs', 'maxTimeoutMs', 'windowMs']);
/** The minimum of a timeout, as a share of it. */
const MINIMUM_SHARE = 0.2;

const GRAMMAR = /^([\w.:*-]+)\.(\w+)=(\d+(?:\.\d+)?)$/;

/** Parses `edgar.timeoutMs=5000` or `feed:*.retries=0`. Returns `undefined` for other text. */
export function readOverride(written: string): PolicyOverride | undefined {
  const match = GRAMMAR.exec(written);
  if (match === null) return undefined;
  const [, name, key, value] = match as unknown as [string, string, string, string];
  const known = POLICY_KEYS.find((one) => one === key);
  const number = Number(value);
  if (known === undefined || (known === 'failureRatio' ? number > 1 : !Number.isInteger(number))) return undefined;
  if (POSITIVE.has(known) && number === 0) return undefined;
  return { name, key: known, value: number };
}

/** Merges defaults, the options in the code, and the environment from the widest name to the exact one. */
export function optionsFor(
  name: string,
  defaults: PolicyDefaults,
  asked: Partial<PolicyOptions>,
  overrides: readonly PolicyOverride[],
): PolicyOptions {
  const matching = overrides
    .filter((override) => matches(override.name, name))
    .sort((a, b) => Number(!a.name.endsWith('*')) - Number(!b.name.endsWith('*')) || a.name.length - b.name.length);
  const set = Object.fromEntries(matching.map(({ key, value }) => [key, value]));
  const merged: PolicyDefaults & Partial<PolicyOptions> = { ...defaults, ...asked, ...set };
  const { timeoutMs, maxTimeoutMs = timeoutMs, minTimeoutMs = Math.ceil(timeoutMs * MINIMUM_SHARE) } = merged;
  return {
    ...merged,
    timeoutMs: Math.min(timeoutMs, maxTimeoutMs),
    minTimeoutMs: Math.min(minTimeoutMs, maxTimeoutMs),
    maxTimeoutMs,
  };
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}
