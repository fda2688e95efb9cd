import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail } from '#auth';
import { Changes } from '#changes';
import { Atomic, postgresError, ReadSnapshot } from '#database';
import { Egress } from '#egress';
import { DomainError, type FieldIssue } from '#errors';
import { Jobs } from '#jobs';
import { Quotas } from '#quotas';
import { Clock } from '#time';
import { pageFrom } from '#http';
import { firstUuidFrom } from '#ids';
import type { ChangeFeed, CyclesPage, CyclesQuery, FeedsQuery, FeedsView, FeedView } from './feed.dto.js';
import { FeedCyclesRepository } from './cycles/feed-cycles.repository.js';
import { FeedAlerts } from './cycles/feed-alerts.js';
import { FEEDS_WAKE } from './cycles/feed-poller.js';
import { FeedSourcesRepository, type SourceWrite } from './sources/feed-sources.repository.js';
import type { SourceRow } from './sources/source-row.js';
import type { NewFeedSource } from './sources/feed-source.js';
import { cycleView, feedView } from './feed-view.js';
import { holdsCredential, secretParametersOf } from './sources/source-credentials.js';
import { feedsConfig, type FeedsConfig } from './feeds.config.js';
import { feedDisabled, feedRefused, nameTaken, sourceNotFound, tooManySources } from './feeds.errors.js';

const CYCLES_SHOWN = 5;
/** The SEC allows 10 requests per second per user, over all machines. */
const EDGAR_MOST = 8;
const DEFAULTS = { cadenceMs: 60_000, requestsPerSecond: 2 };

/** Manages the sources, and shows their state. */
@Injectable()
export class FeedsService {
  constructor(
    private readonly sources: FeedSourcesRepository,
    private readonly cycles: FeedCyclesRepository,
    private readonly alerts: FeedAlerts,
    private readonly egress: Egress,
    private readonly jobs: Jobs,
    private readonly changes: Changes,
    private readonly clock: Clock,
    private readonly quotas: Quotas,
    private readonly audit: AuditTrail,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
  ) {}

  /** Returns sources with their current state, their last cycles, and figures over the last hundred. */
  @ReadSnapshot()
  async list({ query = '', state }: Pick<FeedsQuery, 'query' | 'state'> = {}): Promise<FeedsView> {
    const words = query.toLowerCase().split(/\s+/);
    const named = (await this.sources.all()).filter(({ name, kind }) =>
      words.every((word) => `${name} ${kind}`.toLowerCase().includes(word)),
    );
    const items = await this.views(named);
    return { items: state ? items.filter((feed) => feed.enabled && state.includes(feed.state)) : items };
  }

  /** @throws DomainError FEEDS_NOT_FOUND */
  @ReadSnapshot()
  async get(id: string): Promise<FeedView> {
    const source = await this.sources.find(id);
    if (source === undefined) throw sourceNotFound(id);
    return (await this.views([source]))[0]!;
  }

  /** Returns cycles of a source, with the duration of each stage. @throws DomainError FEEDS_NOT_FOUND */
  @ReadSnapshot()
  async listCycles(id: string, query: CyclesQuery): Promise<CyclesPage> {
    const { outcome, from, to, sort, limit, cursor } = query;
    if ((await this.sources.find(id)) === undefined) throw sourceNotFound(id);
    const rows = await this.cycles.page(id, {
      outcomes: outcome,
      fromId: from && firstUuidFrom(from),
      toId: to && firstUuidFrom(to),
      after: cursor,
      oldestFirst: sort === 'startedAt',
      limit: limit + 1,
    });
    return pageFrom(rows, limit, (row) => row.id, cycleView);
  }

  /**
   * Adds a source, which is polled at once.
   * @throws DomainError REQUEST_INVALID, FEEDS_NAME_TAKEN, FEEDS_TOO_MANY, and those of Egress.checkUrl()
   */
  async create(wanted: NewFeedSource): Promise<FeedView> {
    const source = complete(wanted);
    await this.check(source);
    return (await this.views([await this.insert(source)]))[0]!;
  }

  /** @throws as create(); DomainError FEEDS_NOT_FOUND */
  async change(id: string, change: ChangeFeed): Promise<FeedView> {
    const before = await this.sources.find(id);
    if (before === undefined) throw sourceNotFound(id);
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const source: SourceWrite = { ...before, ...given };
    await this.check(source);
    await this.update(id, before, source);
    return this.get(id);
  }

  /** Removes a source with its claims and cycles. Its events stay. @throws DomainError FEEDS_NOT_FOUND */
  @Atomic()
  async remove(id: string): Promise<void> {
    const before = await this.sources.find(id);
    if (before === undefined || (await this.sources.remove(id)) === 0) throw sourceNotFound(id);
    await this.audit.record({ action: 'feed_removed', subject: { kind: 'feed', id }, before: factsOf(before) });
    await this.changes.append('feeds', [id]);
  }

  /** Removes the demo sources with their claims, for `demo clear`. @returns their events, which the caller removes from the log */
  @Atomic()
  async removeDemo(): Promise<{ sources: number; eventIds: string[] }> {
    const eventIds = await this.sources.demoEvents();
    const gone = await this.sources.removeDemo();
    await this.changes.append('feeds', gone);
    return { sources: gone.length, eventIds };
  }

  /** Makes a source due now and wakes a worker by a job. @throws DomainError FEEDS_NOT_FOUND, FEEDS_DISABLED */
  @Atomic()
  async runNow(id: string): Promise<void> {
    if (!(await this.sources.hasten(id))) {
      const source = await this.sources.find(id);
      throw source === undefined ? sourceNotFound(id) : feedDisabled(source.name);
    }
    await this.jobs.add(FEEDS_WAKE, {}, { jobKey: FEEDS_WAKE, maxAttempts: 1 });
  }

  /** Returns the source of that name for replays. Creates it disabled if there is none. */
  async forReplay(wanted: NewFeedSource): Promise<SourceRow> {
    return (await this.sources.findByName(wanted.name)) ?? this.insert(complete({ ...wanted, enabled: false }));
  }

  @Atomic()
  protected async insert(source: SourceWrite): Promise<SourceRow> {
    const row = await this.sources.insert(source).catch((error: unknown) => {
      throw told(error, source.name);
    });
    await this.quotas.keep({
      name: 'feeds',
      owner: null,
      max: this.config.sourcesMax,
      count: () => this.sources.count(),
      refusal: () => tooManySources(this.config.sourcesMax),
    });
    await this.audit.record({ action: 'feed_made', subject: { kind: 'feed', id: row.id }, after: factsOf(row) });
    await this.changes.append('feeds', [row.id]);
    if (row.enabled) await this.jobs.add(FEEDS_WAKE, {}, { jobKey: FEEDS_WAKE, maxAttempts: 1 });
    return row;
  }

  @Atomic()
  protected async update(id: string, before: SourceWrite, source: SourceWrite): Promise<void> {
    const row = await this.sources.update(id, source, hasOtherItems(before, source)).catch((error: unknown) => {
      throw told(error, source.name);
    });
    if (row === undefined) throw sourceNotFound(id);
    await this.audit.record({
      action: 'feed_changed',
      subject: { kind: 'feed', id },
      before: factsOf(before),
      after: factsOf(source),
    });
    await this.changes.append('feeds', [id]);
  }

  private async check(source: SourceWrite): Promise<void> {
    const issues = issuesOf(source, this.egress.contact);
    if (issues.length > 0) throw feedRefused(issues);
    try {
      await this.egress.checkUrl(source.url.replaceAll('{keys}', 'x'));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // A name that does not resolve now may do so later. Each request checks its addresses anyway.
      if (error.code !== 'EGRESS_HOST_UNRESOLVED')
        throw feedRefused([{ field: 'url', seen: source.url.slice(0, 100), allowed: error.message }]);
    }
  }

  private async views(sources: readonly SourceRow[]): Promise<FeedView[]> {
    const ids = sources.map(({ id }) => id);
    const statistics = new Map((await this.cycles.statistics(ids)).map((row) => [row.sourceId, row]));
    const cycles = Map.groupBy(await this.cycles.latest(ids, CYCLES_SHOWN), ({ sourceId }) => sourceId);
    const now = this.clock.now().getTime();
    return sources.map((source) =>
      feedView(source, this.alerts.stateNow(source, now), statistics.get(source.id), cycles.get(source.id) ?? []),
    );
  }
}

/**
 * Description of a source for the audit trail: only the host of the URL and no headers, because both may contain a key.
 */
function factsOf({ name, kind, url, enabled }: SourceWrite): Record<string, unknown> {
  return { name, kind, host: URL.parse(url)?.host ?? null, enabled };
}

function complete(wanted: NewFeedSource): SourceWrite {
  const {
    name,
    kind,
    url,
    venue = null,
    timeZone = null,
    alertOnFirst = 0,
    expectedEveryMs = null,
    emptyLimit = null,
    headers = {},
    settings = {},
    enabled = true,
    isDemo = false,
  } = wanted;
  const requestsPerSecond = wanted.requestsPerSecond ?? (kind === 'edgar' ? EDGAR_MOST : DEFAULTS.requestsPerSecond);
  return {
    name,
    kind,
    url,
    venue,
    timeZone,
    alertOnFirst,
    cadenceMs: wanted.cadenceMs ?? DEFAULTS.cadenceMs,
    expectedEveryMs,
    emptyLimit,
    requestsPerSecond,
    headers,
    settings,
    enabled,
    isDemo,
  };
}

/** Whether the items of a changed source are others, or have other identities: they were there before the change. */
function hasOtherItems(before: SourceWrite, after: SourceWrite): boolean {
  return before.url !== after.url || Boolean(before.settings.ignoreScheme) !== Boolean(after.settings.ignoreScheme);
}

function issuesOf(source: SourceWrite, contact: string | undefined): FieldIssue[] {
  const issues: FieldIssue[] = [];
  const agent = Object.entries(source.headers).find(([name]) => name.toLowerCase() === 'user-agent')?.[1];
  if (source.kind === 'edgar' && !(agent ?? contact ?? '').includes('@')) {
    issues.push({
      field: 'headers',
      seen: 'no contact',
      allowed: 'a User-Agent with an e-mail, or EGRESS_CONTACT: sec.gov refuses requests without one',
    });
  }
  if (source.kind === 'edgar' && source.requestsPerSecond > EDGAR_MOST) {
    issues.push({
      field: 'requestsPerSecond',
      seen: String(source.requestsPerSecond),
      allowed: `at most ${EDGAR_MOST} for edgar`,
    });
  }
  for (const [name, value] of Object.entries(source.headers)) {
    if (holdsCredential(name, value))
      issues.push({
        field: `headers.${name}`,
        allowed: 'secret:NAME, with NAME=value in FEEDS_SECRETS: no credential is kept in the database',
      });
  }
  for (const name of secretParametersOf(source.url))
    issues.push({ field: 'url', allowed: `no ${name} in the URL: send it as a header, secret:NAME` });
  const isQuotes = source.kind === 'quotes-csv' || source.kind === 'quotes-json';
  if (isQuotes && source.settings.quotes === undefined)
    issues.push({
      field: 'settings.quotes',
      seen: 'nothing',
      allowed: 'at least {"broker": ..} for a source of quotes',
    });
  if (source.settings.quotes?.keys !== undefined && !source.url.includes('{keys}'))
    issues.push({
      field: 'url',
      seen: source.url.slice(0, 100),
      allowed: 'a URL with {keys} in it, since settings.quotes.keys are given',
    });
  return issues;
}

function told(error: unknown, name: string): unknown {
  return postgresError(error)?.constraint === 'uq_feed_sources_name' ? nameTaken(name, error) : error;
}
