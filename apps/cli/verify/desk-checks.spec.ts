import { readFileSync } from 'node:fs';
import {
  judgeDeliveries,
  judgeErrors,
  judgeFeeds,
  judgeLatency,
  judgePool,
  judgeReplication,
  judgeSchema,
  judgeServer,
  judgeWebhooks,
  RUNBOOK,
} from './desk-checks.js';
import { MetricSamples, quantileBetween } from './metric-samples.js';

const samples = (...lines: string[]) => MetricSamples.parse(lines.join('\n'));

describe('the metrics of a process', () => {
  it('metrics are read with their labels, escaped values, comments and infinity', () => {
    const read = samples(
      '# HELP a_total help {not="a sample"} 3',
      '# TYPE a_total counter',
      'a_total 2',
      'b{route="/v1/x",status="500"} 1.5e1',
      'b{route="with \\"quotes\\" and }",status="200"} 4',
      'c_bucket{le="+Inf",route="/"} 7',
    );
    expect(read.sum('a_total')).toBe(2);
    expect(read.sum('b')).toBe(19);
    expect(read.sum('b', ({ status }) => status === '500')).toBe(15);
    expect(read.max('b')).toBe(15);
    expect([...read.buckets('c', () => true)]).toEqual([[Infinity, 7]]);
    expect([read.sum('help'), read.max('none')]).toEqual([0, undefined]);
  });

  it('a quantile between two scrapes is interpolated within its bucket, as by histogram_quantile()', () => {
    const before = new Map([
      [1, 10],
      [2, 10],
      [Infinity, 10],
    ]);
    const after = new Map([
      [1, 60],
      [2, 110],
      [Infinity, 110],
    ]);
    expect(quantileBetween(before, after, 0.5)).toBe(1);
    expect(quantileBetween(before, after, 0.75)).toBe(1.5);
    expect(quantileBetween(before, after, 0.25)).toBe(0.5);
    expect(quantileBetween(before, before, 0.99)).toBeUndefined();
    expect(
      quantileBetween(
        new Map(),
        new Map([
          [1, 0],
          [Infinity, 5],
        ]),
        0.99,
      ),
    ).toBe(1);
  });
});

describe('the checks of `deskwire verify`', () => {
  it('every check names a heading of the runbook', () => {
    const runbook = readFileSync('prometheus/runbook.md', 'utf8');
    for (const heading of Object.values(RUNBOOK)) expect(runbook).toContain(`\n## ${heading}\n`);
  });

  it('the server fails the check of data integrity with damaged pages or an invalid index, and warns when read-only', () => {
    const sound = { version: '18.4', answerMs: 1, readOnly: false, damagedPages: 0, unsound: [] };
    expect(judgeServer(sound).status).toBe('pass');
    expect(judgeServer({ ...sound, readOnly: true }).status).toBe('warn');
    expect(judgeServer({ ...sound, damagedPages: 2 })).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('2 pages'),
    });
    expect(judgeServer({ ...sound, unsound: ['index idx_a'] })).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('index idx_a'),
    });
  });

  it.each(['pending', 'edited', 'unknown'])('a schema with a migration that is %s fails', (state) => {
    expect(
      judgeSchema(
        [
          { name: 'A1', state: 'applied' },
          { name: 'B2', state },
        ],
        [],
      ),
    ).toEqual({
      status: 'fail',
      detail: `${state}: B2`,
    });
  });

  it('a schema that differs from the entities fails, one that agrees passes, and one that cannot be compared warns', () => {
    expect(judgeSchema([{ name: 'A1', state: 'applied' }], null).status).toBe('warn');
    expect(judgeSchema([{ name: 'A1', state: 'applied' }], ['ALTER TABLE a']).status).toBe('fail');
    expect(judgeSchema([{ name: 'A1', state: 'applied' }], []).status).toBe('pass');
  });

  const pool = (inUse: number, waiting: number) =>
    samples(
      'database_pool_max{pool="app"} 10',
      'database_pool_max{pool="analytics"} 100',
      `database_pool_connections{pool="app",state="in_use"} ${inUse}`,
      'database_pool_connections{pool="app",state="idle"} 3',
      `database_pool_waiting{pool="app"} ${waiting}`,
    );

  it('the pool fails only if it was exhausted in every sample, and warns above 80 % or when requests wait', () => {
    expect(judgePool([pool(8, 0)]).status).toBe('pass');
    expect(judgePool([pool(9, 0)]).status).toBe('warn');
    expect(judgePool([pool(4, 1)]).status).toBe('warn');
    expect(judgePool([pool(10, 0)]).status).toBe('warn');
    expect(judgePool([pool(10, 1)])).toEqual({
      status: 'fail',
      detail: 'exhausted: 10 of 10 connections in use, 1 requests waiting',
    });
    expect(judgePool([pool(9, 0), pool(10, 1)]).status).toBe('warn');
    expect(judgePool([samples('')]).status).toBe('fail');
  });

  it('deliveries fail when one has been due for more than 60 s, and warn above 1,000 waiting', () => {
    const queue = (pending: number, oldest: number) =>
      judgeDeliveries(
        samples(`deliveries_pending ${pending}`, 'deliveries_dead 3', `deliveries_oldest_pending_seconds ${oldest}`),
      );
    expect(queue(1_000, 60)).toEqual({
      status: 'pass',
      detail: '1000 waiting, the oldest is due for 60 s, 3 dead letters',
    });
    expect(queue(1_001, 0).status).toBe('warn');
    expect(queue(1, 61).status).toBe('fail');
  });

  it('webhooks and feeds fail when none of them works, warn when some do not, and are absent when there are none', () => {
    const webhooks = (...counts: number[]) =>
      judgeWebhooks(
        samples(
          ...['healthy', 'degraded', 'disabled'].map(
            (state, at) => `webhooks_endpoints{state="${state}"} ${counts[at]}`,
          ),
        ),
      ).status;
    expect([webhooks(0, 0, 0), webhooks(2, 0, 0), webhooks(2, 1, 0), webhooks(0, 1, 1)]).toEqual([
      ...['absent', 'pass', 'warn', 'fail'],
    ]);
    const feeds = (...counts: number[]) =>
      judgeFeeds(
        samples(
          ...['live', 'quiet', 'stale', 'failing'].map((state, at) => `feeds_sources{state="${state}"} ${counts[at]}`),
        ),
      ).status;
    expect([feeds(0, 0, 0, 0), feeds(1, 1, 0, 0), feeds(1, 0, 1, 0), feeds(0, 0, 1, 1)]).toEqual([
      ...['absent', 'pass', 'warn', 'fail'],
    ]);
  });

  it('replication passes up to 30 s of lag, warns above, and fails above 60 s, 1 GB of kept log, or without a subscriber', () => {
    const slot = { slot: 's', active: true, lagSeconds: 0, retainedBytes: 1_000 };
    const subscription = { enabled: true, tablesPending: 0 };
    const secondary = { reachable: true, subscription };
    const judge = (change: object, of: Parameters<typeof judgeReplication>[0]['secondary'] = secondary) =>
      judgeReplication({ slots: [{ ...slot, ...change }], secondary: of }).status;
    expect(judgeReplication({ slots: [], secondary: null })).toEqual({ status: 'absent', detail: 'not set up' });
    expect(judgeReplication({ slots: [], secondary }).status).toBe('fail');
    expect([judge({}), judge({ lagSeconds: 30 }), judge({ lagSeconds: 31 }), judge({ lagSeconds: 61 })]).toEqual([
      ...['pass', 'pass', 'warn', 'fail'],
    ]);
    expect([judge({ active: false }), judge({ retainedBytes: 2e9 }), judge({ retainedBytes: null })]).toEqual([
      ...['fail', 'fail', 'fail'],
    ]);
    expect(judge({}, null)).toBe('pass');
    expect(judge({}, { reachable: false, subscription: null })).toBe('warn');
    expect(judge({}, { reachable: true, subscription: { ...subscription, tablesPending: 2 } })).toBe('warn');
    expect(judge({}, { reachable: true, subscription: { ...subscription, enabled: false } })).toBe('fail');
  });

  const served = (good: number, bad: number) =>
    samples(
      `http_requests_total{method="GET",route="/v1/dashboard",status="200"} ${good}`,
      `http_requests_total{method="GET",route="/v1/dashboard",status="503"} ${bad}`,
      'http_requests_total{method="GET",route="/health/ready",status="503"} 5000',
    );

  it('the share of errors is judged over the watched time only, without probes, against 5 %', () => {
    const before = served(1_000, 900);
    expect(judgeErrors(before, served(1_095, 905)).status).toBe('pass');
    expect(judgeErrors(before, served(1_094, 906))).toEqual({
      status: 'fail',
      detail: '6.0 % of 100 requests failed (limit 5.0 %)',
    });
    expect(judgeErrors(before, served(1_010, 909)).status).toBe('warn');
  });

  it('the 99th percentile is judged over the watched time only, without probes, against 5 s', () => {
    const timed = (below: number, all: number) =>
      samples(
        ...[`le="5",class="read"} ${below}`, `le="10",class="read"} ${all}`, `le="+Inf",class="read"} ${all}`].map(
          (rest) => `http_request_duration_seconds_bucket{${rest}`,
        ),
        'http_request_duration_seconds_bucket{le="+Inf",class="probe"} 9000',
      );
    expect(judgeLatency(timed(0, 500), timed(99, 600)).status).toBe('pass');
    expect(judgeLatency(timed(0, 500), timed(98, 600))).toEqual({
      status: 'fail',
      detail: 'the 99th percentile of 100 requests is 7.500 s (limit 5 s)',
    });
    expect(judgeLatency(timed(0, 500), timed(0, 519)).status).toBe('warn');
  });
});
