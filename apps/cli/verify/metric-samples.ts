/** The samples of one scrape. */
export class MetricSamples {
  private constructor(
    private readonly series: ReadonlyMap<string, { labels: Record<string, string>; value: number }[]>,
  ) {}

  /** Reads Prometheus' text format. */
  static parse(text: string): MetricSamples {
    const series = new Map<string, { labels: Record<string, string>; value: number }[]>();
    for (const [, name, labels = '', value] of text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/gm)) {
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!]);
      const sample = { labels: Object.fromEntries(pairs) as Record<string, string>, value: numberOf(value!) };
      series.set(name!, [...(series.get(name!) ?? []), sample]);
    }
    return new MetricSamples(series);
  }

  /** Sum of the series whose labels match; 0 without one. */
  sum(name: string, matches: (labels: Record<string, string>) => boolean = () => true): number {
    return this.all(name, matches).reduce((sum, { value }) => sum + value, 0);
  }

  /** Highest value of a metric; undefined without a series. */
  max(name: string): number | undefined {
    const values = this.all(name, () => true).map(({ value }) => value);
    return values.length === 0 ? undefined : Math.max(...values);
  }

  /** Cumulative counts by upper bound, over all series of a histogram that match. */
  buckets(name: string, matches: (labels: Record<string, string>) => boolean): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { labels, value } of this.all(`${name}_bucket`, matches)) {
      const bound = numberOf(labels['le']!);
      counts.set(bound, (counts.get(bound) ?? 0) + value);
    }
    return counts;
  }

  private all(name: string, matches: (labels: Record<string, string>) => boolean) {
    return (this.series.get(name) ?? []).filter(({ labels }) => matches(labels));
  }
}

function numberOf(text: string): number {
  return text === '+Inf' ? Infinity : Number(text);
}

/**
 * The quantile of what happened between two scrapes, as histogram_quantile() of Prometheus computes it.
 * @returns undefined if nothing happened
 */
export function quantileBetween(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
  quantile: number,
): number | undefined {
  const bounds = [...after.keys()].sort((a, b) => a - b);
  const counts = bounds.map((bound) => after.get(bound)! - (before.get(bound) ?? 0));
  const total = counts.at(-1) ?? 0;
  if (total <= 0) return undefined;
  const rank = quantile * total;
  const at = counts.findIndex((count) => count >= rank);
  const lower = at === 0 ? 0 : bounds[at - 1]!;
  if (bounds[at] === Infinity) return lower;
  const below = at === 0 ? 0 : counts[at - 1]!;
  return lower + (bounds[at]! - lower) * ((rank - below) / (counts[at]! - below));
}
