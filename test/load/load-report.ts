import type { LoadSize, Phase } from './trading-day.js';

export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

export interface PhaseResult {
  name: Phase['name'];
  about: string;
  seconds: number;
  requests: number;
  /** Requests without an answer of 2xx. */
  failures: number;
  readMs: Percentiles;
  quotes: number;
  quoteMs: Percentiles;
  /** From the acknowledgement of quotes until a screen has them. */
  screenMs: Percentiles;
  frames: number;
  /** From the first attempt of a socket, or from its loss, until it is subscribed. */
  subscribeMs: Percentiles;
  subscriptions: number;
  /** Attempts that the desk refused with the time of the next one. */
  refused: number;
  /** Sockets that were not subscribed at the end. */
  missing: number;
  alerts: number;
  webhookMs: Percentiles;
  deskCores: number;
  postgresCores: number;
  /** How late the event loop of this generator was. Times cannot be more exact. */
  generatorLagMs: number;
}

/** The load at one moment, each second. */
export interface Sample {
  atMs: number;
  requestsPerSecond: number;
  failures: number;
  p99Ms: number;
  sockets: number;
  framesPerSecond: number;
  quotesPerSecond: number;
  deskCores: number;
  postgresCores: number;
}

/** What must hold at the end of the day, as counts of the opposite. */
export interface Truth {
  lostAlerts: number;
  doubledAlerts: number;
  /** Screens that showed something else than REST at the end of a phase, and comparisons in all. */
  differentScreens: number;
  comparedScreens: number;
}

export interface LoadReport {
  version: 1;
  at: string;
  machine: { cores: number; model: string; node: string };
  processes: number;
  size: LoadSize;
  phases: PhaseResult[];
  samples: Sample[];
  truth: Truth;
}

export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0) * 10) / 10;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
