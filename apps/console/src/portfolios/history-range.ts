/** Ranges of the chart, shortest first: how far it goes back, and the step of its points. */
export const RANGES = {
  '1d': { label: '1 day', ms: 86_400_000, step: '1m' },
  '1w': { label: '1 week', ms: 7 * 86_400_000, step: '1h' },
  '1m': { label: '1 month', ms: 31 * 86_400_000, step: '4h' },
  '3m': { label: '3 months', ms: 92 * 86_400_000, step: '1d' },
  '1y': { label: '1 year', ms: 366 * 86_400_000, step: '1d' },
} as const;
export type RangeName = keyof typeof RANGES;

/** The range of that name. A name that a person typed into the address may be any text. */
export function rangeNamed(name: string): RangeName {
  return Object.hasOwn(RANGES, name) ? (name as RangeName) : '1d';
}

/** Query of a range that ends now, at a whole minute: equal questions within a minute share an answer. */
export function historyQueryOf(name: RangeName, nowMs: number): { from: string; to: string; step: string } {
  const { ms, step } = RANGES[name];
  const to = Math.floor(nowMs / 60_000) * 60_000 + 60_000;
  return { from: new Date(to - ms).toISOString(), to: new Date(to).toISOString(), step };
}

interface HistoryPoint {
  readonly at: string;
  readonly value: string | null;
  readonly dayPnl: string | null;
}

/**
 * Times in seconds and heights of the drawn lines. Heights are floats, because a pixel is one: amounts that people read come
 * from the points themselves. An unknown amount is a gap.
 */
export function linesOf(points: readonly HistoryPoint[]): [number[], (number | null)[], (number | null)[]] {
  const height = (amount: string | null) => (amount === null ? null : Number(amount));
  return [
    points.map(({ at }) => Date.parse(at) / 1_000),
    points.map(({ value }) => height(value)),
    points.map(({ dayPnl }) => height(dayPnl)),
  ];
}
