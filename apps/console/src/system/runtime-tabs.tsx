import type { Answer } from '@deskwire/client';
import { Badge, bytesText, type Column, DataTable, durationText, Empty, Time, type Tone } from '../ui/index.js';
import { percentText } from '../parts/percent.js';
import { Meter } from './health-tab.js';
import { usePolled } from './polled.js';

type Breaker = Answer<'/v1/system/breakers'>['items'][number];
const BREAKER_TONE: Record<string, Tone> = { closed: 'good', 'half-open': 'warn', open: 'bad' };

const BREAKER_COLUMNS: readonly Column<Breaker>[] = [
  { key: 'name', title: 'Dependency', cell: ({ name }) => name },
  {
    key: 'state',
    title: 'State',
    width: 96,
    cell: ({ state }) => <Badge tone={BREAKER_TONE[state] ?? 'plain'}>{state}</Badge>,
  },
  { key: 'since', title: 'Since', width: 200, wide: true, cell: ({ since }) => <Time value={since} /> },
  { key: 'reason', title: 'Reason', wide: true, cell: ({ reason }) => reason ?? '–' },
  {
    key: 'calls',
    title: 'Failed of calls',
    width: 110,
    align: 'end',
    cell: ({ failures, calls }) => `${failures} of ${calls}`,
  },
  {
    key: 'p99',
    title: '99th percentile',
    width: 120,
    wide: true,
    align: 'end',
    cell: ({ p99Ms }) => (p99Ms === null ? '–' : durationText(p99Ms)),
  },
  { key: 'timeout', title: 'Timeout', width: 90, align: 'end', cell: ({ timeoutMs }) => durationText(timeoutMs) },
];

type Timeout = Answer<'/v1/system/breakers'>['timeouts'][number];
const TIMEOUT_COLUMNS: readonly Column<Timeout>[] = [
  { key: 'name', title: 'Channel and target', cell: ({ name }) => name },
  {
    key: 'p99',
    title: '99th percentile',
    width: 120,
    align: 'end',
    cell: ({ p99Ms }) => (p99Ms === null ? '–' : durationText(p99Ms)),
  },
  { key: 'timeout', title: 'Timeout', width: 90, align: 'end', cell: ({ timeoutMs }) => durationText(timeoutMs) },
  {
    key: 'range',
    title: 'Least and most',
    width: 150,
    wide: true,
    align: 'end',
    cell: ({ minTimeoutMs, maxTimeoutMs }) => `${durationText(minTimeoutMs)} to ${durationText(maxTimeoutMs)}`,
  },
];

export function BreakersTab() {
  const { data } = usePolled('/v1/system/breakers');
  return (
    <>
      <DataTable
        label="Circuit breakers"
        columns={BREAKER_COLUMNS}
        rows={data?.items ?? []}
        rowKey={({ name }) => name}
        busy={data === undefined}
        tone={({ state }) => (state === 'open' ? 'bad' : state === 'half-open' ? 'warn' : undefined)}
        empty={<Empty title="No breaker yet." next="A breaker appears with the first call of its dependency." />}
      />
      {data !== undefined && data.timeouts.length > 0 && (
        <DataTable
          label="Timeouts"
          columns={TIMEOUT_COLUMNS}
          rows={data.timeouts}
          rowKey={({ name }) => name}
          empty={null}
          height={240}
        />
      )}
    </>
  );
}

type Cache = Answer<'/v1/system/cache'>['items'][number];

const CACHE_COLUMNS: readonly Column<Cache>[] = [
  { key: 'name', title: 'Cache', cell: ({ name }) => name },
  {
    key: 'entries',
    title: 'Entries',
    width: 130,
    align: 'end',
    cell: ({ entries, maxEntries }) => `${entries} of ${maxEntries}`,
  },
  {
    key: 'bytes',
    title: 'Memory',
    width: 160,
    wide: true,
    align: 'end',
    cell: ({ bytes, maxBytes }) =>
      maxBytes === null ? bytesText(bytes) : `${bytesText(bytes)} of ${bytesText(maxBytes)}`,
  },
  { key: 'ratio', title: 'Hit ratio', width: 80, align: 'end', cell: ({ hitRatio }) => percentText(hitRatio) },
  {
    key: 'redis',
    title: 'Redis ratio',
    width: 90,
    wide: true,
    align: 'end',
    cell: ({ redis }) => (redis === null ? '–' : percentText(redis.hitRatio)),
  },
  {
    key: 'failures',
    title: 'Failed loads',
    width: 95,
    wide: true,
    align: 'end',
    cell: ({ loadFailures }) => loadFailures,
  },
  { key: 'stale', title: 'Stale answers', width: 100, wide: true, align: 'end', cell: ({ stale }) => stale },
  { key: 'evictions', title: 'Evictions', width: 80, wide: true, align: 'end', cell: ({ evictions }) => evictions },
  {
    key: 'load',
    title: 'Mean load',
    width: 90,
    align: 'end',
    cell: ({ meanLoadMs }) => (meanLoadMs === null ? '–' : durationText(meanLoadMs)),
  },
];

export function CachesTab() {
  const { data } = usePolled('/v1/system/cache');
  const redis = data?.redis;
  return (
    <>
      {redis && (
        <p>
          Redis:{' '}
          {!redis.enabled ? (
            <Badge>not used</Badge>
          ) : redis.available ? (
            <Badge tone="good">answers</Badge>
          ) : (
            <Badge tone="bad">does not answer</Badge>
          )}
        </p>
      )}
      <DataTable
        label="Caches"
        columns={CACHE_COLUMNS}
        rows={data?.items ?? []}
        rowKey={({ name }) => name}
        busy={data === undefined}
        empty={<Empty title="No cache." />}
      />
    </>
  );
}

type Limit = Answer<'/v1/system/limits'>['items'][number];

const LIMIT_COLUMNS: readonly Column<Limit>[] = [
  { key: 'name', title: 'Limit', cell: ({ name }) => name },
  { key: 'per', title: 'Per', width: 150, wide: true, cell: ({ per }) => per },
  { key: 'scope', title: 'Counted in', width: 95, wide: true, cell: ({ counted }) => counted },
  {
    key: 'used',
    title: 'Used of limit',
    width: 130,
    align: 'end',
    cell: ({ used, limit }) => (limit === 0 ? 'no limit' : `${used ?? '–'} of ${limit}`),
  },
  {
    key: 'headroom',
    title: 'Use',
    width: 110,
    cell: ({ headroom, name }) => (headroom === null ? '–' : <Meter share={1 - headroom} label={`Use of ${name}`} />),
  },
  {
    key: 'refusals',
    title: 'Refused',
    width: 75,
    align: 'end',
    cell: ({ refusals }) => (refusals > 0 ? <Badge tone="warn">{refusals}</Badge> : 0),
  },
];

export function LimitsTab() {
  const { data } = usePolled('/v1/system/limits');
  return (
    <DataTable
      label="Limits"
      columns={LIMIT_COLUMNS}
      rows={data?.items ?? []}
      rowKey={({ name, per }) => `${name} ${per}`}
      busy={data === undefined}
      empty={<Empty title="No limit." />}
    />
  );
}

type Task = Answer<'/v1/system/tasks'>['items'][number];
const TASK_TONE: Record<string, Tone> = { running: 'info', waiting: 'plain', paused: 'warn', off: 'plain' };

const TASK_COLUMNS: readonly Column<Task>[] = [
  { key: 'name', title: 'Task', cell: ({ name }) => name },
  {
    key: 'state',
    title: 'State',
    width: 80,
    cell: ({ state }) => <Badge tone={TASK_TONE[state] ?? 'plain'}>{state}</Badge>,
  },
  { key: 'every', title: 'Every', width: 80, wide: true, align: 'end', cell: ({ everyMs }) => durationText(everyMs) },
  { key: 'last', title: 'Last run', width: 190, wide: true, cell: ({ lastRunAt }) => <Time value={lastRunAt} /> },
  {
    key: 'took',
    title: 'Took',
    width: 80,
    align: 'end',
    cell: ({ lastDurationMs }) => (lastDurationMs === null ? '–' : durationText(lastDurationMs)),
  },
  {
    key: 'result',
    title: 'Result',
    width: 120,
    cell: ({ lastResult, lastError }) =>
      lastResult === 'failed' ? (
        <span title={lastError ?? ''}>
          <Badge tone="bad">{lastError ?? 'failed'}</Badge>
        </span>
      ) : (
        (lastResult ?? '–')
      ),
  },
  { key: 'next', title: 'Next run', width: 190, wide: true, cell: ({ nextRunAt }) => <Time value={nextRunAt} /> },
];

export function TasksTab() {
  const { data } = usePolled('/v1/system/tasks');
  return (
    <DataTable
      label="Background tasks"
      columns={TASK_COLUMNS}
      rows={data?.items ?? []}
      rowKey={({ name }) => name}
      busy={data === undefined}
      tone={({ lastResult }) => (lastResult === 'failed' ? 'bad' : undefined)}
      empty={<Empty title="No task." />}
    />
  );
}
