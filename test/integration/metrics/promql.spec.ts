import { globSync, readFileSync } from 'node:fs';
import '../../../apps/api/app.module.js';
import { metricCatalogue } from '#metrics';
import { metricDocument } from '../../../apps/api/metric-document.js';
import { unknownIn } from '../../setup/promql.js';

describe('the check of queries against the catalogue of metrics', () => {
  it.each([
    ['sum by (job, route) (rate(http_requests_total{status=~"5.."}[5m])) > 0.1'],
    ['histogram_quantile(0.99, sum by (job, le) (rate(http_request_duration_seconds_bucket{le="5"}[5m]))) > 5'],
    ['up{job="deskwire"} == 0 and on (job, instance) process_open_fds offset 5m > 1e3'],
    ['database_pool_connections{state="in_use"} / ignoring (state) database_pool_max > 0.8'],
    ['sum(rate(webhooks_attempts_total{outcome=~"failed|gone"}[$__rate_interval])) by (job) or vector(0)'],
  ])('the check accepts %s', (expression) => expect(unknownIn(expression)).toEqual([]));

  it.each([
    ['rate(http_request_total[5m]) > 0', ['no metric http_request_total']],
    ['http_request_duration_seconds > 5', ['no metric http_request_duration_seconds']],
    ['sum by (path) (http_requests_total)', ['no label path']],
    ['http_requests_total{code="500"}', ['no label code of http_requests_total']],
    ['database_pool_connections{state="used"} > 1', ['no value used of state of database_pool_connections']],
    ['webhooks_attempts_total{outcome=~"failed|lost"}', ['no value lost of outcome of webhooks_attempts_total']],
    ['http_request_duration_seconds_bucket{le="4"}', ['no value 4 of le of http_request_duration_seconds_bucket']],
  ])('the check refuses %s', (expression, faults) => expect(unknownIn(expression)).toEqual(faults));
});

describe('the catalogue of metrics', () => {
  it('docs/metrics.md lists every metric, and no other one', () => {
    expect(readFileSync('docs/metrics.md', 'utf8')).toBe(metricDocument());
  });

  it('every injected metric has the type and the labels of its declaration', () => {
    const catalogue = new Map(metricCatalogue().map((metric) => [metric.name, metric]));
    const sources = globSync('libs/**/*.ts').map((path) => readFileSync(path, 'utf8'));
    const constants = new Map(
      sources.flatMap((text) => [...text.matchAll(/const (\w+) = '(\w+)';/g)].map(([, key, name]) => [key!, name!])),
    );
    const injected = sources.flatMap((text) => [
      ...text.matchAll(/@InjectMetric\('?(\w+)'?\)\s+(?:private )?(?:readonly )?\w+: (\w+)(?:<([^>]+)>)?/g),
    ]);
    expect(injected.length).toBeGreaterThan(130);
    for (const [, named, type, labels] of injected) {
      const metric = catalogue.get(named!) ?? catalogue.get(constants.get(named!) ?? '');
      expect([named, type!.toLowerCase()]).toEqual([named, metric?.type]);
      const typed = labels?.match(/\w+/g);
      if (typed) expect([named, ...typed.sort()]).toEqual([named, ...Object.keys(metric!.labels).sort()]);
    }
  });
});
