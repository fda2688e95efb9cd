import type { LoadReport, PhaseResult } from './load-report.js';

/** A limit of a load test: what was measured, and the most that may be. */
export interface Verdict {
  what: string;
  seen: number;
  limit: number;
  unit: string;
  pass: boolean;
}

/** Limits of times, in ms. They hold on two cores that do nothing else. */
export interface TimeLimits {
  readP99: number;
  quoteP99: number;
  screenP99: number;
  subscribeP99: number;
  webhookP99: number;
}

export const TIME_LIMITS: TimeLimits = {
  ...{ readP99: 500, quoteP99: 500, screenP99: 1_000, subscribeP99: 8_000, webhookP99: 2_000 },
};

/** A generator that is later than this measures itself. */
const MAX_GENERATOR_LAG_MS = 200;

/** What must hold on every machine: nothing fails, is lost or differs. */
export function correctness({ phases, truth }: LoadReport): Verdict[] {
  const none = (what: string, seen: number) => verdict(what, seen, 0, '');
  return [
    ...phases.flatMap((phase) => [
      none(`${phase.name}: failed requests`, phase.failures),
      none(`${phase.name}: sockets without a subscription at the end`, phase.missing),
    ]),
    none('alerts that the receiver never got', truth.lostAlerts),
    none('alerts that the receiver got twice', truth.doubledAlerts),
    none('screens that differ from REST at the end of a phase', truth.differentScreens),
  ];
}

/** Requests may take twice as long while all sockets connect, and in the news. */
function burst({ name }: Pick<PhaseResult, 'name'>): number {
  return name === 'steady' || name === 'close' ? 1 : 2;
}

/** What must hold on a quiet machine. */
export function timeliness({ phases }: LoadReport, limits: TimeLimits = TIME_LIMITS): Verdict[] {
  return phases.flatMap((phase) =>
    [
      verdict(`${phase.name}: reads, p99`, phase.readMs.p99, limits.readP99 * burst(phase), 'ms'),
      verdict(`${phase.name}: quotes, p99`, phase.quoteMs.p99, limits.quoteP99 * burst(phase), 'ms'),
      verdict(`${phase.name}: from commit to screen, p99`, phase.screenMs.p99, limits.screenP99, 'ms'),
      verdict(`${phase.name}: until a socket is subscribed, p99`, phase.subscribeMs.p99, limits.subscribeP99, 'ms'),
      verdict(`${phase.name}: from commit to webhook, p99`, phase.webhookMs.p99, limits.webhookP99, 'ms'),
      verdict(`${phase.name}: generator late, p99`, phase.generatorLagMs, MAX_GENERATOR_LAG_MS, 'ms'),
    ].filter(({ seen }) => seen > 0),
  );
}

/** Figures that a baseline compares. Smaller is better. */
const COMPARED: readonly { what: string; of: (phase: PhaseResult) => number; least: number; unit: string }[] = [
  { what: 'reads, p99', of: ({ readMs }) => readMs.p99, least: 20, unit: 'ms' },
  { what: 'quotes, p99', of: ({ quoteMs }) => quoteMs.p99, least: 20, unit: 'ms' },
  { what: 'from commit to screen, p99', of: ({ screenMs }) => screenMs.p99, least: 50, unit: 'ms' },
  { what: 'until a socket is subscribed, p99', of: ({ subscribeMs }) => subscribeMs.p99, least: 200, unit: 'ms' },
  { what: 'from commit to webhook, p99', of: ({ webhookMs }) => webhookMs.p99, least: 50, unit: 'ms' },
  { what: 'cores of the desk', of: ({ deskCores }) => deskCores, least: 0.1, unit: '' },
  { what: 'cores of PostgreSQL', of: ({ postgresCores }) => postgresCores, least: 0.1, unit: '' },
];

/**
 * Compares with an earlier report of the same load.
 * @param tolerance share by which a figure may grow. Small figures may grow by a fixed amount, since they are mostly noise
 * @throws if the loads differ, because their figures cannot be compared
 */
export function regressions(report: LoadReport, baseline: LoadReport, tolerance: number): Verdict[] {
  const load = ({ size, processes }: LoadReport) => JSON.stringify({ size, processes });
  if (load(report) !== load(baseline))
    throw new Error(`The baseline is of another load: ${load(baseline)}. This load is ${load(report)}.`);
  return report.phases.flatMap((phase) => {
    const before = baseline.phases.find(({ name }) => name === phase.name);
    return COMPARED.flatMap(({ what, of, least, unit }) => {
      if (before === undefined || of(before) === 0) return [];
      const limit = Math.max(of(before) * (1 + tolerance), of(before) + least);
      return [
        verdict(`${phase.name}: ${what} (before: ${of(before)})`, of(phase), Math.round(limit * 100) / 100, unit),
      ];
    });
  });
}

function verdict(what: string, seen: number, limit: number, unit: string): Verdict {
  return { what, seen, limit, unit, pass: seen <= limit };
}
