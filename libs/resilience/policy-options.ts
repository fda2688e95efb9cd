/** How calls of one dependency are guarded. Times in ms; `concurrency: 0` and `failureRatio: 0` leave bulkhead and breaker out. */
export interface PolicyOptions {
  /** Of one attempt. */
  timeoutMs: number;
  /** After the first attempt, and only for what another try can help. */
  retries: number;
  retryBaseMs: number;
  retryMaxMs: number;
  /** Opens at this share of failures (0..1) .. */
  failureRatio: number;
  /** .. of at least so many calls .. */
  minimumCalls: number;
  /** .. within this time. */
  windowMs: number;
  /** From open to the one probe. */
  halfOpenAfterMs: number;
  /** Calls at once. */
  concurrency: number;
  /** Calls that may wait for their turn; more are refused at once. */
  queue: number;
}

export const POLICY_KEYS = [
  'timeoutMs',
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

/** One override of the environment. `name` is exact, ends in `*`, or is `*`. */
export interface PolicyOverride {
  name: string;
  key: keyof PolicyOptions;
  value: number;
}

const GRAMMAR = /^([\w.:*-]+)\.(\w+)=(\d+(?:\.\d+)?)$/;

/** `edgar.timeoutMs=5000` or `feed:*.retries=0`; `undefined` when it is not such. */
export function readOverride(written: string): PolicyOverride | undefined {
  const match = GRAMMAR.exec(written);
  if (match === null) return undefined;
  const [, name, key, value] = match as unknown as [string, string, string, string];
  const known = POLICY_KEYS.find((one) => one === key);
  const number = Number(value);
  if (known === undefined || (known === 'failureRatio' ? number > 1 : !Number.isInteger(number))) return undefined;
  if ((known === 'timeoutMs' || known === 'windowMs') && number === 0) return undefined;
  return { name, key: known, value: number };
}

/** Defaults, then what the code asks for, then the environment: from the widest name to the exact one. */
export function optionsFor(
  name: string,
  defaults: PolicyOptions,
  asked: Partial<PolicyOptions>,
  overrides: readonly PolicyOverride[],
): PolicyOptions {
  const matching = overrides
    .filter((override) => matches(override.name, name))
    .sort((a, b) => Number(!a.name.endsWith('*')) - Number(!b.name.endsWith('*')) || a.name.length - b.name.length);
  const set = Object.fromEntries(matching.map(({ key, value }) => [key, value]));
  return { ...defaults, ...asked, ...set };
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}
