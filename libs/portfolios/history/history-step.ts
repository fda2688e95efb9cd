const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `30s`, `1m`, `5m`, `1h`, `1d`: a number from 1 to 999 and a unit. */
export const STEP = /^([1-9]\d{0,2})([smhd])$/;

/** Steps of charts, finest first. A request without a step gets the finest that fits. */
const LADDER = ['1s', '5s', '15s', '1m', '5m', '15m', '1h', '4h', '1d', '7d', '30d', '365d'];

/** @returns the length of a step in ms */
export function stepMs(step: string): number {
  const [, count, unit] = STEP.exec(step) ?? [];
  if (!count || !unit) throw new RangeError(`not a step: ${step}`);
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** @returns the days of a step in days; null for other steps, `24h` included */
export function stepInDays(step: string): number | null {
  return step.endsWith('d') ? Number(step.slice(0, -1)) : null;
}

/** Counts the buckets (aligned to the step in UTC) that a range of times touches. */
export function bucketsIn(fromMs: number, toMs: number, step: string): number {
  const width = stepMs(step);
  return Math.floor(toMs / width) - Math.floor(fromMs / width) + 1;
}

/** The finest step of the ladder that shows the range in at most `points` points. */
export function finestStep(fromMs: number, toMs: number, points: number): string {
  return LADDER.find((step) => bucketsIn(fromMs, toMs, step) <= points) ?? '999d';
}
