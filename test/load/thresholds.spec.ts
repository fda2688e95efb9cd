import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withBaseline } from './load-command.js';
import { type LoadReport, percentilesOf, type PhaseResult } from './load-report.js';
import { correctness, regressions, TIME_LIMITS, timeliness, type Verdict } from './thresholds.js';
import { SHORT } from './trading-day.js';

const times = { p50: 10, p90: 20, p99: 100, max: 200 };
const phase: PhaseResult = {
  ...({ name: 'steady', about: '', seconds: 1, requests: 100, failures: 0, quotes: 1_000, frames: 50 } as const),
  ...{ readMs: times, quoteMs: times, screenMs: times, subscribeMs: times, webhookMs: times },
  ...{ subscriptions: 10, refused: 0, missing: 0, alerts: 5, deskCores: 0.5, postgresCores: 0.5, generatorLagMs: 15 },
};
const report = (changes: Partial<PhaseResult> = {}, truth: Partial<LoadReport['truth']> = {}): LoadReport => ({
  ...({ version: 1, at: '2026-01-05T09:15:00Z', processes: 1, size: SHORT, samples: [] } as const),
  machine: { cores: 2, model: 'of the test', node: 'v24' },
  phases: [{ ...phase, ...changes }],
  truth: { lostAlerts: 0, doubledAlerts: 0, differentScreens: 0, comparedScreens: 2, ...truth },
});
const failed = (verdicts: readonly Verdict[]) => verdicts.filter(({ pass }) => !pass).map(({ what }) => what);

describe('the thresholds of the load test', () => {
  it('a day on which nothing failed, was lost or late passes', () => {
    expect(failed(correctness(report()))).toEqual([]);
    expect(failed(timeliness(report()))).toEqual([]);
  });

  it('a failed request, a missing socket, a lost or doubled alert and a different screen each fail the load test', () => {
    expect(failed(correctness(report({ failures: 1 })))).toHaveLength(1);
    expect(failed(correctness(report({ missing: 1 })))).toHaveLength(1);
    for (const what of ['lostAlerts', 'doubledAlerts', 'differentScreens'])
      expect(failed(correctness(report({}, { [what]: 1 })))).toHaveLength(1);
  });

  it('each time above its limit fails the load test, and a time at its limit does not', () => {
    const late = (ms: number) => ({ ...times, p99: ms });
    const limits = Object.entries(TIME_LIMITS);
    for (const [name, limit] of limits) {
      const field = name.replace('P99', 'Ms');
      expect(failed(timeliness(report({ [field]: late(limit + 1) })))).toHaveLength(1);
      expect(failed(timeliness(report({ [field]: late(limit) })))).toEqual([]);
    }
    expect(failed(timeliness(report({ generatorLagMs: 300 })))).toEqual(['steady: generator late, p99']);
  });

  it('a baseline fails a figure that grew beyond the tolerance, and allows small figures their noise', () => {
    const slower = report({ screenMs: { ...times, p99: 151 } });
    expect(failed(regressions(slower, report(), 0.5))).toEqual(['steady: from commit to screen, p99 (before: 100)']);
    expect(failed(regressions(report({ screenMs: { ...times, p99: 150 } }), report(), 0.5))).toEqual([]);
    const tiny = { ...times, p99: 2 };
    expect(failed(regressions(report({ readMs: { ...times, p99: 20 } }), report({ readMs: tiny }), 0.5))).toEqual([]);
    expect(failed(regressions(report({ readMs: { ...times, p99: 23 } }), report({ readMs: tiny }), 0.5))).toHaveLength(
      1,
    );
    expect(failed(regressions(report({ postgresCores: 0.8 }), report(), 0.5))).toHaveLength(1);
  });

  it('a baseline of another load is refused', () => {
    expect(() => regressions({ ...report(), processes: 2 }, report(), 0.5)).toThrow('The baseline is of another load');
  });

  it('a baseline is saved when there is none, and compared afterwards', () => {
    const folder = mkdtempSync(join(tmpdir(), 'deskwire-baseline-'));
    const file = join(folder, 'new', 'baseline.json');
    const said: string[] = [];
    try {
      expect(withBaseline(report(), file, 0.5, (line) => said.push(line))).toEqual([]);
      expect(existsSync(file)).toBe(true);
      expect(said).toEqual([`Saved the baseline ${file}`]);
      expect(failed(withBaseline(report(), file, 0.5, () => undefined))).toEqual([]);
      const slower = report({ readMs: { ...times, p99: 1_000 } });
      expect(failed(withBaseline(slower, file, 0.5, () => undefined))).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('percentiles are those of the sorted values, and 0 without values', () => {
    const values = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(percentilesOf(values)).toEqual({ p50: 50, p90: 90, p99: 99, max: 100 });
    expect(percentilesOf([])).toEqual({ p50: 0, p90: 0, p99: 0, max: 0 });
  });
});
