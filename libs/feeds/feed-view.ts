import type { CycleRow, CycleStatistics } from './cycles/feed-cycles.repository.js';
import type { FeedView } from './feed.dto.js';
import type { SourceRow } from './sources/feed-sources.repository.js';
import type { FeedState } from './sources/feed-state.js';

/** Names of headers that hold what nobody else must read. */
export const CREDENTIAL = /auth|cookie|key|token|secret|password|signature/i;

export function feedView(
  source: SourceRow,
  state: FeedState,
  statistics: CycleStatistics | undefined,
  cycles: readonly CycleRow[],
): FeedView {
  const {
    id,
    name,
    kind,
    url,
    venue,
    cadenceMs,
    expectedEveryMs,
    emptyLimit,
    requestsPerSecond,
    settings,
    enabled,
    raised,
  } = source;
  return {
    ...{
      id,
      name,
      kind,
      url,
      venue,
      cadenceMs,
      expectedEveryMs,
      emptyLimit,
      requestsPerSecond,
      settings,
      enabled,
      state,
      raised,
    },
    headers: Object.fromEntries(
      Object.entries(source.headers).map(([header, value]) => [
        header,
        CREDENTIAL.test(header) && !value.startsWith('secret:') ? '[secret]' : value,
      ]),
    ),
    consecutiveEmpty: source.consecutiveEmpty,
    consecutiveFailures: source.consecutiveFailures,
    lastCycleAt: iso(source.lastCycleAt),
    lastSuccessAt: iso(source.lastSuccessAt),
    lastItemAt: iso(source.lastItemAt),
    lastError: source.lastError,
    nextRunAt: source.nextRunAt.toISOString(),
    statistics: statistics === undefined ? null : statisticsView(statistics, cadenceMs),
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

function cycleView(cycle: CycleRow): FeedView['cycles'][number] {
  const { outcome, httpStatus, bytes, entries, fresh, revised, seen, unreadable, warnings, error, correlationId } =
    cycle;
  return {
    ...{ outcome, httpStatus, bytes, entries, fresh, revised, seen, unreadable, warnings, error, correlationId },
    startedAt: cycle.startedAt.toISOString(),
    stagesMs: { fetch: cycle.fetchMs, parse: cycle.parseMs, record: cycle.recordMs },
  };
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
