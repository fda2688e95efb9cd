import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { register } from 'prom-client';
import { Database } from '#database';
import { metricCatalogue } from '#metrics';
import { FeedSourcesRepository } from '../../libs/feeds/sources/feed-sources.repository.js';
import { Policies } from '#resilience';
import { feedsConfig } from '#feeds/config';
import { redisConfig } from '#redis/config';
import { regionsConfig } from '#regions/config';
import { eventually } from '../setup/eventually.js';
import { alertRules } from '../setup/alert-rules.js';
import { describeWithPrometheus, promtool } from '../setup/prometheus-tools.js';
import { readExpression, unknownIn } from '../setup/promql.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const alerts = readFileSync('prometheus/alerts.yml', 'utf8');
const runbook = readFileSync('prometheus/runbook.md', 'utf8');
const expressions = [...alerts.matchAll(/expr: '(.*)'/g)].map(([, expression]) => expression!);
const recorded = [...alerts.matchAll(/- record: (\S+)/g)].map(([, name]) => name!);
/** Series that need a secondary or a replica. The specs of replication and regions expect them. */
const OF_REPLICATION = /^(replication|database_replica)_/;

const FEED = {
  ...({
    kind: 'rss',
    url: 'https://wire.example/rss',
    venue: null,
    timeZone: null,
    alertOnFirst: 0,
    cadenceMs: 60_000,
    expectedEveryMs: null,
    emptyLimit: null,
  } as const),
  ...{ requestsPerSecond: 1, headers: {}, settings: {}, enabled: true, isDemo: false },
};

const SESSION = {
  ...{ broker: 'zerodha', account: 'A', accessToken: 'token-0123456789', loginMethod: 'manual' },
  expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
};

const SNAPSHOT = {
  ...{ broker: 'zerodha', account: 'A', asOf: '2026-08-17T09:15:00Z', currency: 'INR', cash: '1000.00' },
  positions: [],
};

describe('the alert rules', () => {
  let app: TestApp;
  let exposed: string[];
  const region = createServer((_, response) => response.end('{}'));

  beforeAll(async () => {
    await new Promise<void>((resolve) => region.listen(0, '127.0.0.1', resolve));
    const regionUrl = `http://127.0.0.1:${(region.address() as { port: number }).port}`;
    app = await startTestApp({
      // Some series exist only with REDIS_URL. Nothing listens there.
      env: {
        ...{ SESSIONS_MAX_PER_USER: '1', REDIS_URL: 'redis://127.0.0.1:1' },
        ...{ REGION: 'eu', REGIONS: `eu=${regionUrl}`, REGION_ROUTER_URL: 'http://127.0.0.1:1' },
      },
      internals: [
        feedsConfig.with({ watchMs: 100 }),
        redisConfig.with({ connectTimeoutMs: 100 }),
        regionsConfig.with({ probeEveryMs: 50 }),
      ],
    });
    // Some series exist once per feed. This feed is never due, and the watch publishes its series.
    await app.get(FeedSourcesRepository).insert({ ...FEED, name: 'of the test' });
    await app.get(Database).rows(`UPDATE feed_sources SET next_run_at = '2100-01-01'`);
    await eventually(async () =>
      expect((await app.request('GET', '/metrics')).body).toContain('feeds_consecutive_empty{'),
    );
    await eventually(async () => expect((await app.request('GET', '/metrics')).body).toContain('region_router_up{'));
    await app.request('GET', '/health');
    // Threads have series from their first use on: a rule with a pattern needs one.
    const { token } = await app.login('trader');
    const rule = { name: 'a', severity: 'info', condition: { op: 'matches', field: 'payload.broker', value: '^a' } };
    await app.request('PUT', '/v1/sessions', { token, body: SESSION });
    expect((await app.request('POST', '/v1/alert-rules/test', { token, body: { rule } })).status).toBe(200);
    // So have methods that are timed.
    const stored = await app.request('PUT', '/v1/portfolios/p1/snapshot', { token, body: SNAPSHOT });
    expect(stored.status).toBe(200);
    // Refusals have series from the first one on.
    const beyond = { ...SESSION, account: 'B' };
    expect((await app.request('PUT', '/v1/sessions', { token, body: beyond })).body.code).toBe('SESSIONS_TOO_MANY');
    const refused = app.socket('no token');
    await new Promise<unknown>((resolve) => refused.once('connect_error', resolve));
    app.get(Policies).policy('edgar'); // A circuit breaker has a series from the first use of its dependency on.
    exposed = (await app.request('GET', '/metrics')).body.split('\n');
  });
  afterAll(async () => {
    await app.close();
    region.closeAllConnections();
    region.close();
  });

  it('the app exposes each metric of the catalogue with its type and labels, and no other metric', () => {
    const exposedMetrics = register.getMetricsAsArray().map((metric) => {
      const { name, type, labelNames } = metric as unknown as { name: string; type: string; labelNames: string[] };
      return { name, type, labels: [...labelNames].sort() };
    });
    const declared = metricCatalogue().map(({ name, type, labels }) => ({
      name,
      type,
      labels: Object.keys(labels).sort(),
    }));
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(exposedMetrics.sort(byName)).toEqual(declared.sort(byName));
  });

  it('the values of labels are those that the catalogue lists', () => {
    for (const { name, type, labels } of metricCatalogue()) {
      const series = exposed.filter((line) => line.startsWith(`${name}${type === 'histogram' ? '_count' : ''}{`));
      for (const [label, bounds] of Object.entries(labels)) {
        if (typeof bounds === 'string') continue;
        const values = new Set(series.map((line) => new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1]));
        expect({ name, label, unlisted: [...values].filter((value) => !bounds.includes(value!)) }).toEqual({
          ...{ name, label, unlisted: [] },
        });
      }
    }
  });

  it('alert rules of Prometheus use only metrics, labels and values of the catalogue, and series that the app exposes', () => {
    expect(expressions.length).toBe(alertRules.length + recorded.length);
    for (const expression of expressions) {
      expect([expression, ...unknownIn(expression, recorded)]).toEqual([expression]);
      for (const { metric } of readExpression(expression).selectors) {
        const own = metric === 'up' || recorded.includes(metric) || OF_REPLICATION.test(metric);
        const there = exposed.some((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`));
        expect({ metric, there: own || there }).toEqual({ metric, there: true });
      }
    }
  });

  it('latency thresholds of the alert rules are buckets of the histogram, with buckets beyond them', () => {
    const bounds = new Set(
      exposed.flatMap((line) => /^http_request_duration_seconds_bucket\{.*le="([^"]+)"/.exec(line)?.[1] ?? []),
    );
    for (const bound of ['1', '5', '10']) expect(bounds).toContain(bound);
  });

  it.each([...new Set(alertRules.map(({ name }) => name))])(
    'the alert rule %s has a severity, a summary with its value, and a section of the runbook',
    (name) => {
      for (const rule of alertRules.filter((one) => one.name === name)) {
        expect(['critical', 'warning']).toContain(rule.severity);
        expect(rule.summary).toContain('{{ $value');
        expect(rule.runbook).toBe(`prometheus/runbook.md#${name.toLowerCase()}`);
      }
      expect(runbook).toContain(`\n## ${name}\n`);
    },
  );
});

describeWithPrometheus('promtool', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await startTestApp({ env: { REDIS_URL: 'redis://127.0.0.1:1' } })));
  afterAll(() => app.close());

  it('promtool finds no fault in the names, units and help of the exposed metrics', async () => {
    await app.request('GET', '/health');
    expect(promtool(['check', 'metrics'], (await app.request('GET', '/metrics')).body)).toEqual({
      status: 0,
      output: '',
    });
  });

  it('promtool finds no fault in the metrics of the catalogue that have no series yet', () => {
    const lines = metricCatalogue().flatMap(({ name, type, help }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...(type === 'histogram' ? [`${name}_bucket{le="+Inf"} 0`, `${name}_sum 0`, `${name}_count 0`] : [`${name} 0`]),
    ]);
    expect(promtool(['check', 'metrics'], `${lines.join('\n')}\n`)).toEqual({ status: 0, output: '' });
  });
});
