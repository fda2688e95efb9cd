import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Histogram } from 'prom-client';
import { Transactions } from '#database';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';
import { importRunning, releaseNotFound } from '../instruments.errors.js';
import type { ReleaseResult } from './release-counts.js';
import { ReleaseNews } from './release-news.js';
import { type IssueRow, type ReleaseRow, ReleasesRepository } from './releases.repository.js';
import { RollbackRepository } from './rollback.repository.js';

/** The releases of instrument masters: listed, looked into, gone back to. */
@Injectable()
export class ReleasesService {
  private readonly logger = new Logger(ReleasesService.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly releases: ReleasesRepository,
    private readonly rollbacks: RollbackRepository,
    private readonly news: ReleaseNews,
    @Inject(instrumentsConfig.token) private readonly config: InstrumentsConfig,
    @InjectMetric('instruments_import_duration_seconds') private readonly seconds: Histogram<'kind' | 'result'>,
  ) {}

  /** Newest first. @param before the id of the last one seen */
  list(options: { broker?: string; limit: number; before?: string }): Promise<ReleaseRow[]> {
    return this.releases.list(options.broker, options.limit, options.before);
  }

  /** @throws DomainError INSTRUMENTS_RELEASE_NOT_FOUND */
  async get(id: string): Promise<ReleaseRow> {
    const release = await this.releases.find(id);
    if (!release) throw releaseNotFound(id);
    return release;
  }

  issues(releaseId: string, limit: number, after?: string): Promise<IssueRow[]> {
    return this.releases.issues(releaseId, limit, after);
  }

  /**
   * Makes the broker's instruments what they were right after that release, by undoing all later ones. It is a release
   * itself, so it can be undone too. Contracts inserted later are delisted, never deleted; followers keep theirs.
   * @throws DomainError INSTRUMENTS_RELEASE_NOT_FOUND, INSTRUMENTS_IMPORT_RUNNING
   */
  async rollbackTo(id: string, userId?: string): Promise<ReleaseResult> {
    const started = performance.now();
    const result = await this.transactions.atomic(async () => {
      const target = await this.get(id);
      const { broker, isDemo, master } = target;
      if (!(await this.releases.lockBroker(broker, this.config.importTimeoutMs))) throw importRunning(broker);
      const [latest] = await this.releases.list(broker, 1, undefined);
      const source = `release ${target.position}: ${target.source}`;
      const releaseId = await this.releases.insert({
        broker,
        kind: 'rollback',
        source,
        master,
        forced: false,
        restores: id,
        isDemo,
        createdBy: userId ?? null,
      });
      await this.rollbacks.prepare(broker, target.position);
      const changed = await this.rollbacks.keep(releaseId);
      await this.rollbacks.apply();
      const counts = {
        inserted: 0,
        quarantined: 0,
        warnings: 0,
        ...changed,
        unchanged: latest!.listed - changed.delisted - changed.updated,
      };
      const durationMs = Math.round(performance.now() - started);
      await this.releases.finish(releaseId, counts, { rows: 0, sha256: null, exchanges: target.exchanges, durationMs });
      await this.news.tell({ releaseId, broker, kind: 'rollback', source, userId }, counts);
      return { releaseId, ...counts, durationMs };
    });
    this.seconds.observe({ kind: 'rollback', result: 'done' }, result.durationMs / 1_000);
    this.logger.log({ msg: 'instruments rolled back', restored: id, ...result });
    return result;
  }
}
