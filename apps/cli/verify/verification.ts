import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerState } from '#maintenance';
import type { ReplicationView } from '#replication';
import {
  type CheckResult,
  type CheckStatus,
  judgeDeliveries,
  judgeErrors,
  judgeFeeds,
  judgeLatency,
  judgePool,
  judgeReplication,
  judgeSchema,
  judgeServer,
  judgeWebhooks,
  RUNBOOK,
} from './desk-checks.js';
import type { MetricSamples } from './metric-samples.js';
import type { ProcessProbe } from './process-probe.js';

/** Longest pause between two samples while a process is watched, in ms. */
const SAMPLE_EVERY_MS = 5_000;

type Check = keyof typeof RUNBOOK;
type Verdict = Pick<CheckResult, 'status' | 'detail'>;

/** Where the answers come from. */
export interface VerificationSources {
  probe: Pick<ProcessProbe, 'url' | 'reasonsNotReady' | 'metrics'>;
  server: () => Promise<ServerState>;
  schema: () => Promise<{ states: { name: string; state: string }[]; drift: string[] | null }>;
  replication: () => Promise<ReplicationView>;
}

/** Runs every check, whatever the others find. @param watchMs also judges the requests of this time; 0: does not wait */
export async function verifyDesk(sources: VerificationSources, watchMs: number): Promise<CheckResult[]> {
  const { probe } = sources;
  const [api, database, schema, replication, series] = await Promise.all([
    judged(async () => {
      const reasons = await probe.reasonsNotReady();
      return reasons.length === 0
        ? { status: 'pass', detail: `${probe.url} is ready` }
        : { status: 'fail', detail: `${probe.url} is not ready: ${reasons.join(', ')}` };
    }),
    judged(async () => judgeServer(await sources.server())),
    judged(async () => {
      const { states, drift } = await sources.schema();
      return judgeSchema(states, drift);
    }),
    judged(async () => judgeReplication(await sources.replication())),
    sampled(probe, watchMs).catch((error: unknown) => error as Error),
  ]);
  const ofMetrics = (judge: (samples: MetricSamples[]) => Verdict): Verdict =>
    series instanceof Error ? { status: 'fail', detail: `unknown: ${series.message}` } : judge(series);
  const latest = (judge: (samples: MetricSamples) => Verdict) => ofMetrics((all) => judge(all.at(-1)!));
  const verdicts: [Check, Verdict][] = [
    ['api', api],
    ['database', database],
    ['schema', schema],
    ['pool', ofMetrics(judgePool)],
    ['deliveries', latest(judgeDeliveries)],
    ['webhooks', latest(judgeWebhooks)],
    ['replication', replication],
    ['feeds', latest(judgeFeeds)],
  ];
  if (watchMs > 0)
    verdicts.push(
      ['errors', ofMetrics((all) => judgeErrors(all[0]!, all.at(-1)!))],
      ['latency', ofMetrics((all) => judgeLatency(all[0]!, all.at(-1)!))],
    );
  return verdicts.map(([check, verdict]) => ({ check, ...verdict, runbook: RUNBOOK[check] }));
}

/** The worst status: one that failed counts more than a warning. */
export function worstOf(results: readonly CheckResult[]): CheckStatus {
  const has = (status: CheckStatus) => results.some((one) => one.status === status);
  return has('fail') ? 'fail' : has('warn') ? 'warn' : 'pass';
}

async function sampled(probe: VerificationSources['probe'], watchMs: number): Promise<MetricSamples[]> {
  const series = [await probe.metrics()];
  const until = performance.now() + watchMs;
  for (let left = watchMs; left > 0; left = until - performance.now()) {
    await sleep(Math.min(left, SAMPLE_EVERY_MS));
    series.push(await probe.metrics());
  }
  return series;
}

async function judged(work: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await work();
  } catch (error) {
    return { status: 'fail', detail: (error as Error).message || String(error) };
  }
}
