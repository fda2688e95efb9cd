export type MetricType = 'counter' | 'gauge' | 'histogram';

/** What bounds the values of a label: the list of them, or a sentence that says where they come from and how many there are. */
export type LabelBounds = Readonly<Record<string, readonly string[] | string>>;

/** The declaration of a metric, under its name. */
export type MetricShape = { readonly help: string; readonly labels?: LabelBounds } & (
  { readonly type: 'counter' | 'gauge' } | { readonly type: 'histogram'; readonly buckets: readonly number[] }
);

/** A metric of the product, as docs/metrics.md lists it and as rules and dashboards may use it. */
export interface CataloguedMetric {
  readonly name: string;
  /** The lib that declares it, or `node` for those of prom-client about the process. */
  readonly lib: string;
  readonly type: MetricType;
  readonly help: string;
  /** The unit in the name, or `count`. */
  readonly unit: string;
  readonly labels: LabelBounds;
  /** Of a histogram, without +Inf. */
  readonly buckets: readonly number[];
}

const UNITS = ['bytes_per_second', 'seconds', 'bytes', 'ratio', 'dollars', 'info'] as const;
/** Prometheus stores base units; `promtool check metrics` refuses these. */
const NOT_BASE_UNITS =
  /(^|_)(ms|milliseconds|microseconds|minutes|hours|days|weeks|kb|mb|gb|kib|mib|gib|kilobytes|megabytes|percent)(_|$)/;
/** Prometheus sets these, or gives them a meaning. */
const RESERVED_LABELS = ['job', 'instance', 'le', 'quantile'];

const declared = new Map<string, CataloguedMetric>();

/** Enters a metric. @throws Error if the name is taken, or breaks the naming rules of Prometheus */
export function enterMetric(lib: string, name: string, shape: MetricShape): CataloguedMetric {
  const { type, help, labels = {} } = shape;
  const fault = declared.has(name) ? 'is declared twice' : faultOf(name, shape);
  if (fault !== undefined) throw new Error(`The metric ${name} of ${lib} ${fault}.`);
  const unit = UNITS.find((one) => name.replace(/_total$/, '').endsWith(`_${one}`)) ?? 'count';
  const metric = { name, lib, type, help, unit, labels, buckets: shape.type === 'histogram' ? shape.buckets : [] };
  declared.set(name, metric);
  return metric;
}

/** Every metric of the loaded libs, by lib and name. Load `apps/api/app.module.ts` for those of the whole product. */
export function metricCatalogue(): readonly CataloguedMetric[] {
  return [...declared.values()].sort((a, b) => a.lib.localeCompare(b.lib) || a.name.localeCompare(b.name));
}

function faultOf(name: string, shape: MetricShape): string | undefined {
  const { type, help, labels = {} } = shape;
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(name)) return 'is not in snake case';
  if (help.trim() === '') return 'has no help';
  if (/(^|_)(counter|gauge|histogram|summary)(_|$)/.test(name)) return 'has the name of a type in it';
  if ((type === 'counter') !== name.endsWith('_total'))
    return 'breaks a rule: counters end in _total, and nothing else does';
  if (type !== 'histogram' && /_(count|sum|bucket)$/.test(name)) return 'ends like a series of a histogram';
  const unit = NOT_BASE_UNITS.exec(name)?.[2];
  if (unit !== undefined) return `has the unit ${unit}, but Prometheus uses seconds, bytes and ratios`;
  for (const [label, bounds] of Object.entries(labels)) {
    if (!/^[a-z][a-z_]*$/.test(label) || RESERVED_LABELS.includes(label)) return `cannot have the label ${label}`;
    if (bounds.length === 0) return `does not say what bounds its label ${label}`;
  }
  if (shape.type === 'histogram' && shape.buckets.some((bound, at) => bound <= (shape.buckets[at - 1] ?? 0)))
    return 'has buckets that do not rise';
  return undefined;
}
