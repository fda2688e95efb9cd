import type { ServerState } from '#maintenance';
import type { ReplicationView } from '#replication';
import { type MetricSamples, quantileBetween } from './metric-samples.js';

/** `absent`: the desk has no such part, so there is nothing to check. */
export type CheckStatus = 'pass' | 'warn' | 'fail' | 'absent';

export interface CheckResult {
  check: string;
  status: CheckStatus;
  detail: string;
  /** Heading of prometheus/runbook.md to read if it did not pass. */
  runbook: string;
}

/** The thresholds of the decision tree in docs/rollback.md. */
export const ROLLBACK_AT = { errorShare: 0.05, p99Seconds: 5 } as const;
/** Below this number of requests, a share says nothing. */
const FEWEST_REQUESTS = 20;
const POOL_WARNING = 0.8;
const BACKLOG_WARNING = 1_000;
const LATE_SECONDS = 60;
const LAG_SECONDS = { warn: 30, fail: 60 } as const;
const RETAINED_BYTES = 1e9;

type Verdict = Pick<CheckResult, 'status' | 'detail'>;
type Judge = (samples: MetricSamples) => Verdict;

const pass = (detail: string): Verdict => ({ status: 'pass', detail });
const warn = (detail: string): Verdict => ({ status: 'warn', detail });
const fail = (detail: string): Verdict => ({ status: 'fail', detail });
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Each check with its heading in the runbook. */
export const RUNBOOK = {
  api: 'StartupStuck',
  database: 'DatabaseUnreachable',
  schema: 'MigrationsPending',
  pool: 'ConnectionPoolExhaustion',
  deliveries: 'WebhookQueueStalled',
  webhooks: 'DegradedWebhook',
  replication: 'ReplicationLagHigh',
  feeds: 'FeedStale',
  errors: 'HighErrorRate',
  latency: 'HighLatencyP99',
} as const;

export function judgeServer({ version, answerMs, readOnly, damagedPages, unsound }: ServerState): Verdict {
  if (damagedPages > 0) return fail(`data integrity: ${damagedPages} pages have a wrong checksum`);
  if (unsound.length > 0) return fail(`data integrity: not valid: ${unsound.join(', ')}`);
  if (readOnly) return warn('refuses writes: see `deskwire read-only status`');
  return pass(`PostgreSQL ${version}, answers in ${answerMs} ms, accepts writes`);
}

/** @param drift what differs from the entities and migrations; null if that could not be compared */
export function judgeSchema(
  states: readonly { name: string; state: string }[],
  drift: readonly string[] | null,
): Verdict {
  const of = (state: string) => states.filter((one) => one.state === state).map(({ name }) => name);
  for (const state of ['edited', 'unknown', 'pending'])
    if (of(state).length > 0) return fail(`${state}: ${of(state).join(', ')}`);
  if (drift === null)
    return warn(`${states.length} migrations applied; drift cannot be compared without the right to write`);
  if (drift.length > 0) return fail(`drift: ${drift.slice(0, 3).join('; ')}: see \`deskwire migrate check\``);
  return pass(`${states.length} migrations applied, no drift`);
}

/** @param series samples of the same process, oldest first. The pool is exhausted if it was in each of them */
export function judgePool(series: readonly MetricSamples[]): Verdict {
  const use = (samples: MetricSamples) => {
    const app = ({ pool }: Record<string, string>) => pool === 'app';
    const max = samples.sum('database_pool_max', app);
    const inUse = samples.sum('database_pool_connections', (labels) => app(labels) && labels['state'] === 'in_use');
    return { max, inUse, waiting: samples.sum('database_pool_waiting', app) };
  };
  const uses = series.map(use);
  const { max, inUse, waiting } = uses.at(-1)!;
  const now = `${inUse} of ${max} connections in use, ${waiting} requests waiting`;
  if (max === 0) return fail('the process has no pool: it has not started');
  if (uses.every((one) => one.inUse >= one.max && one.waiting > 0)) return fail(`exhausted: ${now}`);
  return inUse > POOL_WARNING * max || waiting > 0 ? warn(now) : pass(now);
}

export const judgeDeliveries: Judge = (samples) => {
  const [pending, dead] = [samples.sum('deliveries_pending'), samples.sum('deliveries_dead')];
  const oldest = Math.round(samples.max('deliveries_oldest_pending_seconds') ?? 0);
  const now = `${pending} waiting, the oldest is due for ${oldest} s, ${dead} dead letters`;
  if (oldest > LATE_SECONDS) return fail(now);
  return pending > BACKLOG_WARNING ? warn(now) : pass(now);
};

export const judgeWebhooks: Judge = (samples) => {
  const [healthy, degraded, disabled] = ['healthy', 'degraded', 'disabled'].map((state) =>
    samples.sum('webhooks_endpoints', (labels) => labels['state'] === state),
  ) as [number, number, number];
  const now = `${healthy} healthy, ${degraded} degraded, ${disabled} disabled`;
  if (healthy + degraded + disabled === 0) return { status: 'absent', detail: 'no endpoints' };
  if (healthy === 0) return fail(now);
  return degraded + disabled > 0 ? warn(now) : pass(now);
};

export const judgeFeeds: Judge = (samples) => {
  const counts = new Map(
    ['live', 'quiet', 'stale', 'failing'].map((state) => [
      state,
      samples.sum('feeds_sources', (labels) => labels['state'] === state),
    ]),
  );
  const now = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  const late = counts.get('stale')! + counts.get('failing')!;
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (all === 0) return { status: 'absent', detail: 'no feeds' };
  return late === all ? fail(now) : late > 0 ? warn(now) : pass(now);
};

const SERVED = ({ route }: Record<string, string>) => !/^\/(health|metrics)/.test(route ?? '');

/** Share of requests answered 5xx between two samples, without probes. */
export function judgeErrors(before: MetricSamples, after: MetricSamples): Verdict {
  const between = (matches: (labels: Record<string, string>) => boolean) =>
    after.sum('http_requests_total', matches) - before.sum('http_requests_total', matches);
  const all = between(SERVED);
  const failed = between((labels) => SERVED(labels) && (labels['status'] ?? '').startsWith('5'));
  if (all < FEWEST_REQUESTS) return warn(`${all} requests, which are too few to judge`);
  const now = `${percent(failed / all)} of ${all} requests failed (limit ${percent(ROLLBACK_AT.errorShare)})`;
  return failed / all > ROLLBACK_AT.errorShare ? fail(now) : pass(now);
}

/** 99th percentile of the request time between two samples, without probes. */
export function judgeLatency(before: MetricSamples, after: MetricSamples): Verdict {
  const name = 'http_request_duration_seconds';
  const served = (labels: Record<string, string>) => labels['class'] !== 'probe';
  const [then, now] = [before.buckets(name, served), after.buckets(name, served)];
  const all = (now.get(Infinity) ?? 0) - (then.get(Infinity) ?? 0);
  const p99 = quantileBetween(then, now, 0.99);
  if (p99 === undefined || all < FEWEST_REQUESTS) return warn(`${all} requests, which are too few to judge`);
  const words = `the 99th percentile of ${all} requests is ${p99.toFixed(3)} s (limit ${ROLLBACK_AT.p99Seconds} s)`;
  return p99 > ROLLBACK_AT.p99Seconds ? fail(words) : pass(words);
}

/** The part of a reading of both clusters that is judged. */
interface ReplicationState {
  slots: readonly Pick<ReplicationView['slots'][number], 'slot' | 'active' | 'lagSeconds' | 'retainedBytes'>[];
  secondary: {
    reachable: boolean;
    subscription: { enabled: boolean; tablesPending: number } | null;
  } | null;
}

/** Judges as the rules ReplicationLagHigh, ReplicationLagCritical and ReplicationSlotInactive do. */
export function judgeReplication({ slots, secondary }: ReplicationState): Verdict {
  if (slots.length === 0 && secondary === null) return { status: 'absent', detail: 'not set up' };
  if (slots.length === 0) return fail('there is no slot for the secondary: `deskwire replication setup`');
  const inactive = slots.filter(({ active }) => !active).map(({ slot }) => slot);
  if (inactive.length > 0) return fail(`no subscriber is connected to ${inactive.join(', ')}`);
  const lag = Math.round(Math.max(...slots.map(({ lagSeconds }) => lagSeconds)));
  const retained = Math.max(...slots.map(({ retainedBytes }) => retainedBytes ?? Infinity));
  const now = `${lag} s behind, ${Math.round(retained / 1e6)} MB of log kept`;
  if (retained > RETAINED_BYTES || lag > LAG_SECONDS.fail) return fail(now);
  if (secondary?.reachable === false) return warn(`${now}; the secondary does not answer here`);
  const subscription = secondary?.subscription;
  if (subscription?.enabled === false) return fail(`${now}; the subscription is disabled`);
  if (subscription && subscription.tablesPending > 0)
    return warn(`${now}; ${subscription.tablesPending} tables are being copied`);
  return lag > LAG_SECONDS.warn ? warn(now) : pass(now);
}
