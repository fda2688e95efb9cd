import type { CycleRow, CycleStatistics } from './cycles/feed-cycles.repository.js';
import type { FeedView } from './feed.dto.js';
import type { SourceRow } from './sources/source-row.js';
import { holdsCredential } from './sources/source-credentials.js';
import type { FeedState } from './sources/feed-state.js';

const SHOWN_OF_SOURCE = [
  ...([
    'id',
    'name',
    'kind',
    'url',
    'venue',
    'timeZone',
    'alertOnFirst',
    'cadenceMs',
    'expectedEveryMs',
    'emptyLimit',
    'requestsPerSecond',
  ] as const),
  ...(['settings', 'enabled', 'raised', 'consecutiveEmpty', 'consecutiveFailures', 'lastError', 'movedTo'] as const),
];
const SHOWN_OF_CYCLE = [
  ...([
    'id',
    'outcome',
    'httpStatus',
    'bytes',
    'entries',
    'fresh',
    'unalerted',
    'revised',
    'seen',
    'unreadable',
  ] as const),
  ...(['warnings', 'error', 'correlationId'] as const),
];

export function feedView(
  source: SourceRow,
  state: FeedState,
  statistics: CycleStatistics | undefined,
  cycles: readonly CycleRow[],
): FeedView {
  return {
    ...pick(source, SHOWN_OF_SOURCE),
    state,
    headers: Object.fromEntries(
      Object.entries(source.headers).map(([header, value]) => [
        header,
        holdsCredential(header, value) ? '[secret]' : value,
      ]),
    ),
    lastCycleAt: iso(source.lastCycleAt),
    lastSuccessAt: iso(source.lastSuccessAt),
    lastItemAt: iso(source.lastItemAt),
    goneAt: iso(source.goneAt),
    nextRunAt: source.nextRunAt.toISOString(),
    statistics: statistics === undefined ? null : statisticsView(statistics, source.cadenceMs),
    cycles: cycles.map(cycleView),
  };
}

function statisticsView(
  { cycles, failed, unchanged, entries, seen, totalMs, p95Ms }: CycleStatistics,
  cadenceMs: number,
): FeedView['statistics'] {
  return {
    cycles,
    failed,
    itemsPerSecond: rounded((entries / Math.max(totalMs, 1)) * 1_000),
    hitRate: entries === 0 ? null : rounded(seen / entries),
    unchangedRate: rounded(unchanged / cycles),
    headroom: rounded(1 - p95Ms / cadenceMs),
  };
}

export function cycleView(cycle: CycleRow): FeedView['cycles'][number] {
  return {
    ...pick(cycle, SHOWN_OF_CYCLE),
    startedAt: cycle.startedAt.toISOString(),
    finishedAt: cycle.finishedAt.toISOString(),
    stagesMs: { fetch: cycle.fetchMs, parse: cycle.parseMs, record: cycle.recordMs },
  };
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}

function pick<T extends object, K extends keyof T>(row: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, row[key]])) as Pick<T, K>;
}
