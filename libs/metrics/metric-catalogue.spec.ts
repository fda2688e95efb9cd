import { enterMetric, type MetricShape } from './metric-catalogue.js';

const counter = { type: 'counter', help: 'Things done' } as const;

// Each entry is refused, so the catalogue of the other suites of this worker stays as it is.
const REFUSED: [string, MetricShape, string][] = [
  ['Things_total', counter, 'is not in snake case'],
  ['things', { type: 'gauge', help: 'Things' }, 'is not in snake case'],
  ['spec_summary_tokens_total', counter, 'has the name of a type in it'],
  ['spec_things_total', { type: 'counter', help: ' ' }, 'has no help'],
  ['spec_things', counter, 'counters end in _total'],
  ['spec_things_total', { type: 'gauge', help: 'Things' }, 'counters end in _total'],
  ['spec_things_count', { type: 'gauge', help: 'Things' }, 'ends like a series of a histogram'],
  ['spec_age_days', { type: 'gauge', help: 'Age' }, 'has the unit days'],
  ['spec_wait_ms_total', counter, 'has the unit ms'],
  ['spec_things_total', { ...counter, labels: { instance: ['a'] } }, 'cannot have the label instance'],
  ['spec_things_total', { ...counter, labels: { kind: [] } }, 'does not say what bounds its label kind'],
  ['spec_wait_seconds', { type: 'histogram', help: 'Wait', buckets: [1, 1] }, 'has buckets that do not rise'],
];

describe('the catalogue of metrics', () => {
  it.each(REFUSED)('the catalogue refuses %s %j because it %s', (name, shape, reason) => {
    expect(() => enterMetric('spec', name, shape)).toThrow(reason);
  });

  it('the catalogue refuses a metric that another lib has declared', async () => {
    await import('#telemetry');
    const again = { type: 'histogram', help: 'Duration', buckets: [1] } as const;
    expect(() => enterMetric('spec', 'method_duration_seconds', again)).toThrow('is declared twice');
  });
});
