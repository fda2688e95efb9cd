import { readFileSync } from 'node:fs';
import { Database } from '#database';
import { FeedSourcesRepository } from '../../libs/feeds/sources/feed-sources.repository.js';
import { Policies } from '#resilience';
import { feedsConfig } from '#feeds/config';
import { redisConfig } from '#redis/config';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const alerts = readFileSync('prometheus/alerts.yml', 'utf8');
const tests = readFileSync('prometheus/alerts.test.yml', 'utf8');
const runbook = readFileSync('prometheus/runbook.md', 'utf8');
const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);
const expressions = [...alerts.matchAll(/expr: '(.*)'/g)].map(([, expression]) => expression!);

/** Metrics of a rule, each with the labels of its matchers. `up` is Prometheus' own. */
const used = expressions.flatMap((expression) =>
  [...expression.matchAll(/\b([a-z]+(?:_[a-z0-9]+)+)(?:\{([^}]*)\})?(?=[\s[\])>]|$)/g)]
    .filter(([, metric]) => !['group_left', 'histogram_quantile'].includes(metric!))
    .map(([, metric, matchers = '']) => ({
      metric: metric!,
      labels: [...matchers.matchAll(/(\w+)=/g)].map(([, label]) => label!),
    })),
);

const FEED = {
  ...({
    kind: 'rss',
    url: 'https://wire.example/rss',
    venue: null,
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

describe('the alert rules', () => {
  let app: TestApp;
  let exposed: string[];

  beforeAll(async () => {
    app = await startTestApp({
      // Some series exist only with REDIS_URL. Nothing listens there.
      env: { SESSIONS_MAX_PER_USER: '1', REDIS_URL: 'redis://127.0.0.1:1' },
      internals: [feedsConfig.with({ watchMs: 100 }), redisConfig.with({ connectTimeoutMs: 100 })],
    });
    // Some series exist once per feed. This feed is never due, and the watch publishes its series.
    await app.get(FeedSourcesRepository).insert({ ...FEED, name: 'of the test' });
    await app.get(Database).rows(`UPDATE feed_sources SET next_run_at = '2100-01-01'`);
    await eventually(async () =>
      expect((await app.request('GET', '/metrics')).body).toContain('feeds_consecutive_empty{'),
    );
    await app.request('GET', '/health');
    // Threads have series from their first use on: a rule with a pattern needs one.
    const { token } = await app.login('trader');
    const rule = { name: 'a', severity: 'info', condition: { op: 'matches', field: 'payload.broker', value: '^a' } };
    await app.request('PUT', '/v1/sessions', { token, body: SESSION });
    expect((await app.request('POST', '/v1/alert-rules/test', { token, body: { rule } })).status).toBe(200);
    // Refusals have series from the first one on.
    const beyond = { ...SESSION, account: 'B' };
    expect((await app.request('PUT', '/v1/sessions', { token, body: beyond })).body.code).toBe('SESSIONS_TOO_MANY');
    const refused = app.socket('no token');
    await new Promise<unknown>((resolve) => refused.once('connect_error', resolve));
    app.get(Policies).policy('edgar'); // A circuit breaker has a series from the first use of its dependency on.
    exposed = (await app.request('GET', '/metrics')).body.split('\n');
  });
  afterAll(() => app.close());

  it('alert rules of Prometheus use only metrics and labels that the app exposes', () => {
    expect(used.length).toBeGreaterThanOrEqual(names.length);
    for (const { metric, labels } of used) {
      const series = exposed.filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`));
      expect({ metric, series: series.length > 0 }).toEqual({ metric, series: true });
      for (const label of labels) expect(series.every((line) => line.includes(`${label}="`))).toBe(true);
    }
  });

  it('latency thresholds of the alert rules are buckets of the histogram, with buckets beyond them', () => {
    const bounds = new Set(
      exposed.flatMap((line) => /^http_request_duration_seconds_bucket\{.*le="([^"]+)"/.exec(line)?.[1] ?? []),
    );
    for (const bound of ['1', '5', '10']) expect(bounds).toContain(bound);
  });

  it.each(names)(
    'the alert rule %s has a runbook section, a test that it fires, and a test that it stays silent',
    (name) => {
      expect(alerts).toContain(`runbook_url: prometheus/runbook.md#${name.toLowerCase()}`);
      expect(runbook).toContain(`\n## ${name}\n`);
      expect(tests).toContain(`name: ${name} fires`);
      expect(tests).toContain(`name: ${name} stays silent`);
    },
  );
});
