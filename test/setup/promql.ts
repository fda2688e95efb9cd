import { type CataloguedMetric, metricCatalogue } from '#metrics';

interface Selector {
  metric: string;
  matchers: { label: string; operator: string; value: string }[];
}

/** What an expression reads: its selectors, and the labels by which it groups or joins. */
export interface Reading {
  selectors: Selector[];
  labels: string[];
}

const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[[^\]]*\]|[a-zA-Z_:][\w:]*|[0-9.]+\w*|=~|!~|!=|[<>=]=?|\S/g;
const LABEL_LISTS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan', 'atan2']);
/** Set by Prometheus, not by the desk. */
const OWN: Readonly<Record<string, readonly string[]>> = { up: [], ALERTS: ['alertname', 'alertstate', 'severity'] };
const EVERYWHERE = ['job', 'instance'];

/** Reads a PromQL expression as far as it names metrics and labels. */
export function readExpression(expression: string): Reading {
  const tokens: string[] = expression.match(TOKEN) ?? [];
  const reading: Reading = { selectors: [], labels: [] };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    const listed = tokens[at + 1] === '(';
    if (!/^[a-zA-Z_:]/.test(token)) continue;
    if (LABEL_LISTS.has(token)) {
      if (!listed) continue;
      const end = tokens.indexOf(')', at);
      reading.labels.push(...tokens.slice(at + 2, end).filter((one) => one !== ','));
      at = end;
    } else if (!WORDS.has(token.toLowerCase()) && !isCall(tokens, at)) {
      const end = tokens[at + 1] === '{' ? tokens.indexOf('}', at) : at;
      reading.selectors.push({ metric: token, matchers: matchersOf(tokens.slice(at + 2, end)) });
      at = end;
    }
  }
  return reading;
}

/**
 * What a query names that the desk does not expose: metrics, labels, and values of labels with a closed list.
 * Load `apps/api/app.module.ts` first.
 * @param recorded names that recording rules make
 */
export function unknownIn(expression: string, recorded: readonly string[] = []): string[] {
  const { selectors, labels } = readExpression(expression);
  const known = new Set(EVERYWHERE);
  const faults = selectors.flatMap(({ metric, matchers }) => {
    if (recorded.includes(metric)) return [];
    const bounds = labelsOf(metric);
    if (bounds === undefined) return [`no metric ${metric}`];
    for (const label of Object.keys(bounds)) known.add(label);
    return matchers.flatMap(({ label, operator, value }) => {
      const values = EVERYWHERE.includes(label) ? 'any' : bounds[label];
      if (values === undefined) return [`no label ${label} of ${metric}`];
      const asked = operator.endsWith('~') ? value.split('|') : [value];
      return typeof values === 'string'
        ? []
        : asked
            .filter((one) => !values.some((each) => new RegExp(`^(?:${one})$`).test(each)))
            .map((one) => `no value ${one} of ${label} of ${metric}`);
    });
  });
  // A recorded series has the labels that its rule keeps, which are labels of other expressions.
  if (selectors.some(({ metric }) => recorded.includes(metric))) return faults;
  return [...faults, ...labels.filter((label) => !known.has(label)).map((label) => `no label ${label}`)];
}

function labelsOf(series: string): CataloguedMetric['labels'] | undefined {
  if (series in OWN) return Object.fromEntries(OWN[series]!.map((label) => [label, 'any']));
  const catalogue = new Map(metricCatalogue().map((metric) => [metric.name, metric]));
  const exact = catalogue.get(series);
  if (exact !== undefined) return exact.type === 'histogram' ? undefined : exact.labels;
  const [, name, part] = /^(.*)_(bucket|sum|count)$/.exec(series) ?? [];
  const histogram = name === undefined ? undefined : catalogue.get(name);
  if (histogram?.type !== 'histogram') return undefined;
  return part === 'bucket' ? { ...histogram.labels, le: [...histogram.buckets.map(String), '+Inf'] } : histogram.labels;
}

/** A function or an aggregation, which may name its labels before its argument. */
const isCall = (tokens: readonly string[], at: number): boolean =>
  tokens[at + 1] === '(' || ((tokens[at + 1] === 'by' || tokens[at + 1] === 'without') && tokens[at + 2] === '(');

function matchersOf(tokens: readonly string[]): Selector['matchers'] {
  const found: Selector['matchers'] = [];
  for (let at = 0; at + 2 < tokens.length; at += 4)
    found.push({ label: tokens[at]!, operator: tokens[at + 1]!, value: tokens[at + 2]!.slice(1, -1) });
  return found;
}
